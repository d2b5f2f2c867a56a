// The service: HTML in, a JPEG out.

exception RenderFailed {
  1: string code,
  2: string message,
}

service Renderer {
  binary render(1: string html, 2: i32 width, 3: i32 height) throws (1: RenderFailed failed),
}
