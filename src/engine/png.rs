//! Makes the PNG that the browser encoded in a hurry as small as one over which it takes its time. The browser's own way to do that
//! takes longer, on the thread that everything else in it waits for.

use std::{
    io::{Cursor, Write},
    iter, mem,
    ops::Range,
};

use flate2::{Compression, write::ZlibEncoder};
use libdeflater::{CompressionLvl, Compressor, crc32};
use png::{Decoder, Reader, Transformations};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The number of the filter that takes the row above away.
const UP: u8 = 2;
/// What a chunk has around its data: length and kind before, a checksum behind.
const HEAD: usize = 8;
const CHECKSUM: usize = 4;
/// Up to so many bytes of pixels are compressed at once, which a larger picture would need too much memory for.
const AT_ONCE: usize = 128 << 20;
/// Above this level a compressor takes longer than it saves, below it saves less than the browser's own.
const LEVEL: u8 = 6;
/// How many bytes of pixels are filtered in one way, and how many of them tell which.
const BAND: usize = 512 << 10;
const SAMPLE: usize = 64 << 10;
/// What gets so many times smaller is drawn and written: most of it is empty, so that no sample tells what filters would save.
const DRAWN: usize = 24;
/// What does not even get so many times smaller without filters is a photograph, and gets smaller with them.
const PHOTOGRAPH: usize = 2;

/// The same picture in fewer bytes: its pixels, colour type and all chunks around them are as they were. None if the bytes are no
/// whole PNG, of a kind that is not known here, or as small already.
pub fn smaller(png: &[u8]) -> Option<Vec<u8>> {
    let old = pixels(png)?;
    let new = smallest(png)?;
    let mut bytes = Vec::with_capacity(png.len() - old.len() + HEAD + new.len() + CHECKSUM);
    bytes.extend_from_slice(&png[..old.start]);
    bytes.extend_from_slice(&u32::try_from(new.len()).ok()?.to_be_bytes());
    let chunk = bytes.len();
    bytes.extend_from_slice(b"IDAT");
    bytes.extend_from_slice(&new);
    bytes.extend_from_slice(&crc32(&bytes[chunk..]).to_be_bytes());
    bytes.extend_from_slice(&png[old.end..]);
    (bytes.len() < png.len()).then_some(bytes)
}

/// The pixels in the fewest bytes. Of what is drawn and written no sample tells how, for most of it is empty; and it takes so little time
/// that a thorough way is tried too.
fn smallest(png: &[u8]) -> Option<Vec<u8>> {
    let mut picture = opened(png)?;
    let size = picture.output_buffer_size()?;
    let is_drawn = |bytes: usize| bytes.saturating_mul(DRAWN) <= size && size <= AT_ONCE;
    if is_drawn(png.len()) {
        return thoroughly_compressed(&mut picture);
    }
    let sampled = compressed(&mut picture, AT_ONCE)?;
    if !is_drawn(sampled.len()) {
        return Some(sampled);
    }
    let thorough = thoroughly_compressed(&mut opened(png)?)?;
    Some(if thorough.len() < sampled.len() { thorough } else { sampled })
}

fn opened(png: &[u8]) -> Option<Reader<Cursor<&[u8]>>> {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::IDENTITY);
    let picture = decoder.read_info().ok()?;
    (!picture.info().interlaced && !picture.info().is_animated()).then_some(picture)
}

/// Where the chunks with the pixels are, which follow each other.
fn pixels(png: &[u8]) -> Option<Range<usize>> {
    let mut at = png.starts_with(SIGNATURE).then_some(SIGNATURE.len())?;
    let mut pixels = 0..0;
    loop {
        let head = png.get(at..at + HEAD)?;
        let length = usize::try_from(u32::from_be_bytes(head[..4].try_into().ok()?)).ok()?;
        let end = length.checked_add(at + HEAD + CHECKSUM)?;
        match &head[4..] {
            b"IDAT" if pixels.is_empty() => pixels = at..end,
            b"IDAT" if pixels.end == at => pixels.end = end,
            b"IDAT" => return None,
            b"IEND" => return (!pixels.is_empty() && end == png.len()).then_some(pixels),
            _ => {}
        }
        at = end;
    }
}

/// The pixels as a PNG holds them: rows, each behind the number of its filter, compressed. All at once if they are not more bytes than
/// this, else band by band, which takes longer.
fn compressed(picture: &mut Reader<Cursor<&[u8]>>, at_once: usize) -> Option<Vec<u8>> {
    let shape = Shape::of(picture)?;
    let mut filters = Filters::new(&shape);
    if shape.size() > at_once {
        let mut stream = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL.into()));
        shape.bands(picture, |band| {
            filters.apply(band, None);
            stream.write_all(band).ok()
        })?;
        return stream.finish().ok();
    }
    let mut rows = Vec::with_capacity(shape.size());
    shape.bands(picture, |band| {
        filters.apply(band, None);
        rows.extend_from_slice(band);
        Some(())
    })?;
    let mut bytes = vec![0; filters.compressor.zlib_compress_bound(rows.len())];
    let length = filters.compressor.zlib_compress(&rows, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

/// The same by a compressor that takes its time, each row filtered in the way that makes its bytes smallest.
fn thoroughly_compressed(picture: &mut Reader<Cursor<&[u8]>>) -> Option<Vec<u8>> {
    let shape = Shape::of(picture)?;
    let mut filters = Filters::new(&shape);
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::best());
    shape.bands(picture, |band| {
        filters.apply(band, Some(Way::Least));
        stream.write_all(band).ok()
    })?;
    stream.finish().ok()
}

/// How the bytes of a picture are laid out.
struct Shape {
    height: usize,
    /// Bytes to a pixel, and to a row of them.
    pixel: usize,
    line: usize,
}

impl Shape {
    /// None of a picture that no memory could hold.
    fn of(picture: &Reader<Cursor<&[u8]>>) -> Option<Self> {
        let info = picture.info();
        let line = picture.output_line_size(info.width)?;
        let shape = Self { height: usize::try_from(info.height).ok()?, pixel: info.bytes_per_pixel(), line };
        line.checked_add(1)?.checked_mul(shape.height)?;
        Some(shape)
    }

    /// Bytes of all rows, each with one for its filter.
    fn size(&self) -> usize {
        (self.line + 1) * self.height
    }

    /// Reads a picture to its end, so many rows at a time as are filtered in one way, each with a byte before it for its filter.
    fn bands(&self, picture: &mut Reader<Cursor<&[u8]>>, mut each: impl FnMut(&mut [u8]) -> Option<()>) -> Option<()> {
        let row = self.line + 1;
        let most = (BAND / row).max(1);
        let mut band = vec![0; row * most.min(self.height)];
        let mut left = self.height;
        while left > 0 {
            let rows = most.min(left);
            let band = &mut band[..rows * row];
            for row in band.chunks_exact_mut(row) {
                row[0] = 0;
                picture.read_row(&mut row[1..]).ok()??;
            }
            each(band)?;
            left -= rows;
        }
        picture.finish().ok()
    }
}

/// How the rows of a band are filtered.
#[derive(Clone, Copy)]
enum Way {
    /// Pixels as they are.
    Plain,
    /// Each as its difference from the one before it.
    Sub,
    /// Each row in the way that makes its bytes smallest, as most encoders do.
    Least,
}

/// Filters the bands of a picture, from its top on.
struct Filters {
    compressor: Compressor,
    /// Bytes to a pixel.
    pixel: usize,
    /// The last row of the band before, as it was.
    above: Vec<u8>,
    /// A row that is being filtered, and the best so far.
    tried: Vec<u8>,
    best: Vec<u8>,
}

impl Filters {
    fn new(&Shape { line, pixel, .. }: &Shape) -> Self {
        let compressor = Compressor::new(CompressionLvl::new(LEVEL.into()).unwrap_or_default());
        Self { compressor, pixel, above: vec![0; line], tried: vec![0; line], best: vec![0; line] }
    }

    /// Filters the rows of the next band, each of which has a byte before it for its filter: in this way, or as a sample of them says.
    fn apply(&mut self, band: &mut [u8], way: Option<Way>) {
        let line = self.above.len();
        let last = band[band.len() - line..].to_vec();
        let above = mem::replace(&mut self.above, last);
        let way = way.unwrap_or_else(|| self.way(&above, band));
        self.filter(&above, band, way);
    }

    /// The way in which a band becomes smallest, as a sample from its middle does.
    fn way(&mut self, above: &[u8], band: &[u8]) -> Way {
        let row = above.len() + 1;
        let rows = band.len() / row;
        let wanted = (SAMPLE / row).clamp(1, rows);
        let start = (rows - wanted) / 2;
        let sample = &band[start * row..(start + wanted) * row];
        let above = if start == 0 { above } else { &band[(start - 1) * row + 1..start * row] };
        let plain = self.size(sample);
        if plain * DRAWN <= sample.len() {
            return Way::Plain;
        }
        if plain * PHOTOGRAPH >= sample.len() {
            return Way::Least;
        }
        let mut filtered = |way| {
            let mut sample = sample.to_vec();
            self.filter(above, &mut sample, way);
            self.size(&sample)
        };
        let (sub, least) = (filtered(Way::Sub), filtered(Way::Least));
        if plain <= sub.min(least) {
            Way::Plain
        } else if sub + sub / 16 < least {
            Way::Sub
        } else {
            Way::Least
        }
    }

    /// How many bytes these become.
    fn size(&mut self, bytes: &[u8]) -> usize {
        let mut small = vec![0; self.compressor.deflate_compress_bound(bytes.len())];
        self.compressor.deflate_compress(bytes, &mut small).unwrap_or(usize::MAX / DRAWN)
    }

    /// Filters rows, the last one first, for each needs the one above it as it was.
    fn filter(&mut self, above: &[u8], rows: &mut [u8], way: Way) {
        let kinds = match way {
            Way::Plain => return,
            Way::Sub => 1..=1,
            Way::Least => 0..=4,
        };
        let length = above.len() + 1;
        for start in (0..rows.len()).step_by(length).rev() {
            let (before, row) = rows.split_at_mut(start);
            let above = if before.is_empty() { above } else { &before[before.len() - above.len()..] };
            let row = &mut row[..length];
            // As most rows of what is drawn are: no filter leaves less.
            if matches!(way, Way::Least) && row[1..] == *above {
                row.fill(0);
                row[0] = UP;
                continue;
            }
            let mut least = u64::MAX;
            for kind in kinds.clone() {
                filtered(kind, self.pixel, above, &row[1..], &mut self.tried);
                let weight = weight(&self.tried);
                if weight < least {
                    least = weight;
                    row[0] = kind;
                    mem::swap(&mut self.tried, &mut self.best);
                }
            }
            row[1..].copy_from_slice(&self.best);
        }
    }
}

/// How far a row's bytes are from zero.
fn weight(row: &[u8]) -> u64 {
    // In parts, as the sum of one fits into fewer bits, of which more are added at once.
    row.chunks(1 << 16)
        .map(|part| u64::from(part.iter().map(|&byte| u32::from(byte.cast_signed().unsigned_abs())).sum::<u32>()))
        .sum()
}

/// A row through one of PNG's filters, by its number.
fn filtered(kind: u8, pixel: usize, above: &[u8], row: &[u8], into: &mut [u8]) {
    let pixel = pixel.min(row.len());
    let (first, rest) = into.split_at_mut(pixel);
    // Bytes with those to the left of them, above, and to the left of these; there is nothing to the left of the first pixel.
    let others = iter::zip(&row[pixel..], iter::zip(row, iter::zip(&above[pixel..], above)));
    let bytes = iter::zip(rest, others);
    match kind {
        0 => into.copy_from_slice(row),
        1 => {
            first.copy_from_slice(&row[..pixel]);
            bytes.for_each(|(new, (byte, (left, _)))| *new = byte.wrapping_sub(*left));
        }
        UP => iter::zip(into, iter::zip(row, above)).for_each(|(new, (byte, up))| *new = byte.wrapping_sub(*up)),
        3 => {
            iter::zip(first, iter::zip(row, above)).for_each(|(new, (byte, up))| *new = byte.wrapping_sub(up / 2));
            bytes.for_each(|(new, (byte, (left, (up, _))))| *new = byte.wrapping_sub(left.midpoint(*up)));
        }
        _ => {
            iter::zip(first, iter::zip(row, above)).for_each(|(new, (byte, up))| *new = byte.wrapping_sub(*up));
            bytes.for_each(|(new, (byte, (left, (up, corner))))| *new = byte.wrapping_sub(paeth(*left, *up, *corner)));
        }
    }
}

/// Which of these a byte is probably like (PNG's specification, 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [to_left, to_up, corner_] = [left, up, corner].map(i16::from);
    let far = [to_up - corner_, to_left - corner_, to_left + to_up - 2 * corner_].map(i16::abs);
    let other = if far[1] <= far[2] { up } else { corner };
    if far[0] <= far[1] && far[0] <= far[2] { left } else { other }
}

#[cfg(test)]
mod tests {
    use png::{BitDepth, ColorType, Compression, Encoder, Info, PixelDimensions, Unit};

    use super::*;

    /// A picture as the browser encodes it in a hurry.
    fn hurried(width: u32, height: u32, color_type: ColorType, bit_depth: BitDepth, pixels: &[u8]) -> Vec<u8> {
        let mut png = Vec::new();
        let mut info = Info::with_size(width, height);
        (info.color_type, info.bit_depth) = (color_type, bit_depth);
        info.pixel_dims = Some(PixelDimensions { xppu: 3780, yppu: 3780, unit: Unit::Meter });
        let mut encoder = Encoder::with_info(&mut png, info).unwrap();
        encoder.set_compression(Compression::Fastest);
        encoder.add_text_chunk("Comment".to_owned(), "kept".to_owned()).unwrap();
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        png
    }

    fn pixels_of(png: &[u8]) -> Vec<u8> {
        let mut reader = Decoder::new(Cursor::new(png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels
    }

    /// Drawn, of a gradient and like a photograph, one under the other.
    fn rows(line: usize, height: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(1);
        let byte = |at: usize| {
            let (x, y) = (at % line, at / line);
            let value = match y * 3 / height {
                0 => (x / 40 + y / 30) % 2 * 255,
                1 => x / 3 + y,
                _ => 128 + x / 8 + usize::from(random.u8(..16)),
            };
            u8::try_from(value % 256).unwrap()
        };
        (0..line * height).map(byte).collect()
    }

    #[test]
    fn every_kind_of_pixel_is_the_same_in_fewer_bytes() {
        for (color, depth, bytes) in [
            (ColorType::Rgb, BitDepth::Eight, 3),
            (ColorType::Rgba, BitDepth::Eight, 4),
            (ColorType::Grayscale, BitDepth::Eight, 1),
            (ColorType::GrayscaleAlpha, BitDepth::Eight, 2),
            (ColorType::Rgba, BitDepth::Sixteen, 8),
        ] {
            for (width, height) in [(1, 300), (300, 1), (640, 480)] {
                let pixels = rows(width * bytes, height);
                let [columns, lines] = [width, height].map(|side| u32::try_from(side).unwrap());
                let png = hurried(columns, lines, color, depth, &pixels);
                let Some(small) = smaller(&png) else { continue };
                assert!(small.len() < png.len());
                assert_eq!(pixels_of(&small), pixels);
                assert_eq!(small[..33], png[..33], "size and colour type");
            }
        }
    }

    #[test]
    fn what_is_beside_the_pixels_is_kept() {
        let png = hurried(64, 64, ColorType::Rgb, BitDepth::Eight, &rows(192, 64));
        let small = smaller(&png).unwrap();
        let (old, new) = (pixels(&png).unwrap(), pixels(&small).unwrap());
        assert_eq!(small[..new.start], png[..old.start]);
        assert_eq!(small[new.end..], png[old.end..]);
        assert!(png[..old.start].windows(4).any(|kind| kind == b"pHYs"));
    }

    #[test]
    fn a_picture_that_is_too_large_for_once_is_the_same_in_bands() {
        let pixels = rows(3000, 700);
        let png = hurried(1000, 700, ColorType::Rgb, BitDepth::Eight, &pixels);
        let mut picture = Decoder::new(Cursor::new(png.as_slice())).read_info().unwrap();
        let small = compressed(&mut picture, 1 << 20).unwrap();
        let mut picture = Decoder::new(Cursor::new(png.as_slice())).read_info().unwrap();
        let at_once = compressed(&mut picture, usize::MAX).unwrap();
        let inflated = |bytes: &[u8]| {
            let mut rows = vec![0; 3001 * 700];
            libdeflater::Decompressor::new().zlib_decompress(bytes, &mut rows).unwrap();
            rows
        };
        assert_eq!(inflated(&small), inflated(&at_once));
    }

    #[test]
    fn a_picture_of_sixteen_megapixels_is_the_same() {
        let pixels = rows(4096 * 3, 4096);
        let png = hurried(4096, 4096, ColorType::Rgb, BitDepth::Eight, &pixels);
        assert!(pixels_of(&smaller(&png).unwrap()) == pixels);
    }

    #[test]
    fn one_colour_is_as_small_as_it_gets() {
        let png = hurried(1280, 800, ColorType::Rgb, BitDepth::Eight, &vec![255; 1280 * 800 * 3]);
        let mut by_rule = Vec::new();
        let mut encoder = Encoder::new(&mut by_rule, 1280, 800);
        encoder.set_color(ColorType::Rgb);
        encoder.set_filter(png::Filter::Adaptive);
        encoder.set_deflate_compression(png::DeflateCompression::Level(LEVEL));
        encoder.write_header().unwrap().write_image_data(&vec![255; 1280 * 800 * 3]).unwrap();
        let (small, by_rule) = (smaller(&png).unwrap(), by_rule);
        assert!(pixels(&small).unwrap().len() <= pixels(&by_rule).unwrap().len());
    }

    #[test]
    fn bytes_that_are_no_whole_png_are_left_alone() {
        let png = hurried(64, 64, ColorType::Rgb, BitDepth::Eight, &rows(192, 64));
        let data = pixels(&png).unwrap();
        let mut broken = png.clone();
        broken[data.start + 30] ^= 0xff;
        let trailed = [png.as_slice(), b"more"].concat();
        for bytes in
            [b"".as_slice(), b"nonsense", SIGNATURE, &png[..png.len() / 2], &png[..png.len() - 1], &broken, &trailed]
        {
            assert!(smaller(bytes).is_none());
        }
        assert!(smaller(&png).is_some());
    }
}
