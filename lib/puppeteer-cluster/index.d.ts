// biome-ignore-all lint/suspicious/noExplicitAny: data and results are the user's own

import { EventEmitter } from "node:events";
import { Page } from "../../index.js";

/** puppeteer-cluster's names, for programs that were written for it; times are in milliseconds. */

/** Options of Puppeteer's `launch`. Those that have no effect are a warning, and so are unknown ones. */
export interface LaunchOptions {
  /** The path of a Chromium. Default: the one that a town finds. */
  executablePath?: string | null;
  args?: string[];
  /** More environment for the browser. */
  env?: Record<string, string | undefined>;
  headless?: boolean | "new" | "shell";
  browser?: "chrome" | "firefox";
  /** For the browser to start; 0 is no limit. */
  timeout?: number;
  /** Whether what the browser prints is printed. */
  dumpio?: boolean;
  devtools?: boolean;
  acceptInsecureCerts?: boolean;
  /** Of each page; null sets none. Default 800 x 600. */
  defaultViewport?: { width: number; height: number; [more: string]: any } | null;
  [others: string]: any;
}

export interface ClusterOptions {
  /** Default `Cluster.CONCURRENCY_CONTEXT`. */
  concurrency: number;
  /** Jobs at a time; 0 is four for each processor. Default 1. */
  maxConcurrency: number;
  /** Between the launch of one browser and that of the next. Default 0. */
  workerCreationDelay: number;
  puppeteerOptions: LaunchOptions;
  /** Of the browser of each worker, with `Cluster.CONCURRENCY_BROWSER`: as many as `maxConcurrency`. */
  perBrowserOptions: LaunchOptions[] | undefined;
  /** Whether a table of the progress is printed. Default false. */
  monitor: boolean;
  /** For a task; 0 is no limit. Default 30000. */
  timeout: number;
  /** Further tries of a job that has failed, with `queue`. Default 0. */
  retryLimit: number;
  /** Before another try. Default 0. */
  retryDelay: number;
  /** Whether a job is left out whose data, or their `url`, another has had. Default false. */
  skipDuplicateUrls: boolean;
  /** Between the starts of two jobs of one host. Default 0. */
  sameDomainDelay: number;
  /** A Puppeteer of the program's own. With plugins, as puppeteer-extra may have, tasks get its pages. */
  puppeteer: any;
  /** Which page tasks get: boomtown's own, the faster, or Puppeteer's by `page.puppeteer()`. Default "own", unless `puppeteer` has plugins. */
  page: "own" | "puppeteer";
}

export type ClusterOptionsArgument = { [Name in keyof ClusterOptions]?: ClusterOptions[Name] | null };

export interface TaskFunctionArguments<JobData, TaskPage = Page> {
  page: TaskPage;
  data: JobData;
  worker: {
    /** From 0 to `maxConcurrency` - 1: no other job has it at the same time. */
    id: number;
  };
}

export type TaskFunction<JobData, ReturnData, TaskPage = Page> = (
  given: TaskFunctionArguments<JobData, TaskPage>,
) => Promise<ReturnData>;

/**
 * Events: `queue(data, taskFunction)`, when a job was queued, and `taskerror(error, data, willRetry)`, when one that was queued by
 * `queue` has failed.
 */
export class Cluster<JobData = any, ReturnData = any, TaskPage = Page> extends EventEmitter {
  private constructor();
  /** Jobs share a browser, with its cookies and storage. */
  static readonly CONCURRENCY_PAGE: number;
  /** They share nothing but browsers, four of them each. */
  static readonly CONCURRENCY_CONTEXT: number;
  /** They share nothing. */
  static readonly CONCURRENCY_BROWSER: number;
  /** Rejects where no browser can be started. */
  static launch(options: ClusterOptionsArgument & { page: "puppeteer" }): Promise<Cluster<any, any, any>>;
  static launch(options?: ClusterOptionsArgument): Promise<Cluster<any, any>>;
  /** For all jobs that have none of their own. */
  task(taskFunction: TaskFunction<JobData, ReturnData, TaskPage>): Promise<void>;
  /** Resolves at once. */
  queue(taskFunction: TaskFunction<JobData, ReturnData, TaskPage>): Promise<void>;
  queue(data: JobData, taskFunction?: TaskFunction<JobData, ReturnData, TaskPage>): Promise<void>;
  /** What the task gives; a job that fails is not tried again. */
  execute(taskFunction: TaskFunction<JobData, ReturnData, TaskPage>): Promise<ReturnData>;
  execute(data: JobData, taskFunction?: TaskFunction<JobData, ReturnData, TaskPage>): Promise<ReturnData>;
  /** Resolves when no job waits or runs. */
  idle(): Promise<void>;
  /** The data of the job that ends next, however it does. */
  waitForOne(): Promise<JobData>;
  /** Ends the browsers, and with them the jobs that run; those that wait are left, and those of `execute` reject with ERR_TOWN_CLOSED. */
  close(): Promise<void>;
}

export default Cluster;
