// Programs typed for puppeteer-core's page, requests and responses compile with ours, as far as its types can be met: those of
// its classes with private members cannot. Checked by tsc alone; nothing here runs.

import type { HTTPRequest, HTTPResponse, Page } from "boomtown";
import type * as puppeteer from "puppeteer-core";

declare const page: Page;
declare const request: HTTPRequest;
declare const response: HTTPResponse;

const asPage: Pick<
  puppeteer.Page,
  | "authenticate"
  | "cookies"
  | "getDefaultNavigationTimeout"
  | "getDefaultTimeout"
  | "setCacheEnabled"
  | "setContent"
  | "setCookie"
  | "setDefaultNavigationTimeout"
  | "setDefaultTimeout"
  | "setExtraHTTPHeaders"
  | "setOfflineMode"
  | "setRequestInterception"
  | "waitForNetworkIdle"
> = page;
const asRequest: Omit<puppeteer.HTTPRequest, "client" | "frame" | "redirectChain" | "response"> = request;
const asResponse: Omit<puppeteer.HTTPResponse, "frame" | "request" | "securityDetails"> = response;
const asDetails: Pick<puppeteer.SecurityDetails, keyof puppeteer.SecurityDetails> | null = response.securityDetails();
void [asPage, asRequest, asResponse, asDetails];

type Parameters<Name extends keyof puppeteer.Page> = puppeteer.Page[Name] extends (...args: infer Args) => unknown
  ? Args
  : never;

/** What Puppeteer's methods take, ours take. */
async function taken(
  going: Parameters<"goto">,
  reloading: Parameters<"reload">,
  back: Parameters<"goBack">,
  waiting: Parameters<"waitForNavigation">,
) {
  await page.goto(...going);
  await page.reload(...reloading);
  await page.goBack(...back);
  await page.goForward(...back);
  await page.waitForNavigation(...waiting);
}
void taken;
