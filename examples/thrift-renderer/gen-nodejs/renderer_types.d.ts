// Written by hand, as Renderer.d.ts.
export declare class RenderFailed extends Error {
  constructor(fields: { code: string; message: string });
  code: string;
}
