// A handler that is typed for puppeteer-core's page compiles with ours: the objects of a page are assigned to theirs, with all names
// that both have. Checked by tsc alone; nothing here runs.
//
// Puppeteer's classes have private members (`#private`), by which TypeScript takes no other class for them, whatever its methods.
// So what is assigned to are the members that both have; and where these take or give an object of another class of theirs, it is
// ours in its place, which is compared in its turn. A mapped type sees a generic method as for the widest of its types; the
// handler at the end is what people write with the types in between.

// biome-ignore-all lint/suspicious/noExplicitAny: what is so in theirs, and handlers without types

import type * as ours from "boomtown";
import type * as theirs from "puppeteer-core";

/** Theirs beside ours. */
type Counterpart<T> = T extends theirs.Page
  ? ours.Page
  : T extends theirs.Frame
    ? ours.Frame
    : T extends theirs.ElementHandle<Node>
      ? ours.ElementHandle<Node>
      : T extends theirs.JSHandle
        ? ours.JSHandle
        : T extends theirs.HTTPRequest
          ? ours.HTTPRequest
          : T extends theirs.HTTPResponse
            ? ours.HTTPResponse
            : T extends theirs.SecurityDetails
              ? ours.SecurityDetails
              : T extends theirs.WebWorker
                ? ours.WebWorker
                : T extends theirs.CDPSession
                  ? ours.CDPSession
                  : T extends theirs.Keyboard
                    ? ours.Keyboard
                    : T extends theirs.Mouse
                      ? ours.Mouse
                      : T extends theirs.Touchscreen
                        ? ours.Touchscreen
                        : T extends theirs.TouchHandle
                          ? ours.TouchHandle
                          : T extends theirs.Locator<infer _>
                            ? ours.Locator<any>
                            : T extends theirs.Dialog
                              ? ours.Dialog
                              : T extends theirs.ConsoleMessage
                                ? ours.ConsoleMessage
                                : T extends theirs.FileChooser
                                  ? ours.FileChooser
                                  : T extends theirs.Coverage
                                    ? ours.Coverage
                                    : T extends theirs.Tracing
                                      ? ours.Tracing
                                      : T extends theirs.Accessibility
                                        ? ours.Accessibility
                                        : T extends theirs.Browser
                                          ? ours.Browser
                                          : T extends theirs.BrowserContext
                                            ? ours.BrowserContext
                                            : T extends theirs.Target
                                              ? ours.Target
                                              : never;

type IsAny<T> = 0 extends 1 & T ? true : false;
/** With our classes in place of theirs. */
type Public<T> =
  IsAny<T> extends true
    ? T
    : T extends Promise<infer Value>
      ? Promise<Public<Value>>
      : T extends Map<infer Key, infer Value>
        ? Map<Key, Public<Value>>
        : T extends (...args: infer Args) => infer Result
          ? (...args: PublicAll<Args>) => Public<Result>
          : [Counterpart<T>] extends [never]
            ? T extends readonly (infer Each)[]
              ? Public<Each>[]
              : T
            : Counterpart<T>;
type PublicAll<Args extends unknown[]> = { [Index in keyof Args]: Public<Args[Index]> };
/** The members of a class of theirs that ours has too. */
type Members<Theirs, Ours> = { [Name in Exclude<keyof Theirs & keyof Ours, Elsewhere>]: Public<Theirs[Name]> };

/** What is not compared by itself: programs of the other file use it. */
type Elsewhere =
  // Events are those of Node's emitter here, and of one of their own there.
  | ("on" | "off" | "once" | "emit" | "listenerCount" | "removeAllListeners")
  // Is for types only.
  | "_"
  // Is no ChildProcess of this process: it has a pid.
  | "process"
  // Has an element deep inside of an option.
  | "snapshot"
  // Tells more here than nothing.
  | "deleteCookie"
  // Gives another class for each name of a tag.
  | "toElement"
  // Gives another class for other options.
  | "addStyleTag"
  // Are generic in their `this`, which is lost.
  | ("setEnsureElementIsInTheViewport" | "setVisibility" | "setWaitForEnabled" | "setWaitForStableBoundingBox");

/** The names that are not as theirs: none. */
type Others<Theirs, Ours> = {
  [Name in keyof Members<Theirs, Ours>]: Ours[Name & keyof Ours] extends Members<Theirs, Ours>[Name] ? never : Name;
}[keyof Members<Theirs, Ours>];

null as unknown as Others<theirs.Page, ours.Page> satisfies never;
null as unknown as Others<theirs.Frame, ours.Frame> satisfies never;
null as unknown as Others<theirs.ElementHandle, ours.ElementHandle> satisfies never;
null as unknown as Others<theirs.JSHandle, ours.JSHandle> satisfies never;
null as unknown as Others<theirs.HTTPRequest, ours.HTTPRequest> satisfies never;
null as unknown as Others<theirs.HTTPResponse, ours.HTTPResponse> satisfies never;
null as unknown as Others<theirs.SecurityDetails, ours.SecurityDetails> satisfies never;
null as unknown as Others<theirs.WebWorker, ours.WebWorker> satisfies never;
null as unknown as Others<theirs.CDPSession, ours.CDPSession> satisfies never;
null as unknown as Others<theirs.Keyboard, ours.Keyboard> satisfies never;
null as unknown as Others<theirs.Mouse, ours.Mouse> satisfies never;
null as unknown as Others<theirs.Touchscreen, ours.Touchscreen> satisfies never;
null as unknown as Others<theirs.TouchHandle, ours.TouchHandle> satisfies never;
null as unknown as Others<theirs.Locator<unknown>, ours.Locator<unknown>> satisfies never;
null as unknown as Others<theirs.Dialog, ours.Dialog> satisfies never;
null as unknown as Others<theirs.ConsoleMessage, ours.ConsoleMessage> satisfies never;
null as unknown as Others<theirs.FileChooser, ours.FileChooser> satisfies never;
null as unknown as Others<theirs.Coverage, ours.Coverage> satisfies never;
null as unknown as Others<theirs.Tracing, ours.Tracing> satisfies never;
null as unknown as Others<theirs.Accessibility, ours.Accessibility> satisfies never;
null as unknown as Others<theirs.Browser, ours.Browser> satisfies never;
null as unknown as Others<theirs.BrowserContext, ours.BrowserContext> satisfies never;
null as unknown as Others<theirs.Target, ours.Target> satisfies never;

/** As it is written for puppeteer-core, and run with our page. */
async function handler({ page, data: url }: { page: ours.Page; data: string }) {
  await page.setRequestInterception(true);
  page.on("request", (request) =>
    request.resourceType() === "image"
      ? request.abort()
      : request.continue({ headers: { ...request.headers(), a: "b" } }),
  );
  page.on("console", (message) => console.log(message.type(), message.text()));
  await page.goto(url, { waitUntil: ["load", "networkidle2"] });
  const links = await page.$$eval("ul > li a.item", (anchors) => anchors.map((anchor) => anchor.href));
  const value = await page.$eval("form input[name='q']", (input) => input.value);
  const button = await page.waitForSelector("button.go", { visible: true });
  const disabled: boolean | undefined = await button?.evaluate((element) => element.disabled);
  await (await page.$("#more"))?.click();
  const tree = await page.accessibility.snapshot({ root: button ?? undefined });
  await page.locator("input[type=checkbox]").setWaitForEnabled(true).setVisibility("visible").fill(true);
  await page.addStyleTag({ content: "p {}" }).then((style) => style.evaluate((element) => element.media));
  const client = await page.target().createCDPSession();
  const version: string = (await client.send("Browser.getVersion")).product;
  const pid: number = page.browser().process()?.pid ?? 0;
  const picture: Uint8Array = await page.screenshot({ fullPage: true });
  return { links, value, disabled, tree, version, pid, bytes: picture.length };
}
/** The same without types. */
const untyped = async ({ page, data }: any) => (await page.goto(data)).status();
void [handler, untyped];
