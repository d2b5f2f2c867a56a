// Written by hand: what thrift makes of renderer.thrift is not type-checked.
declare const Renderer: any;
export = Renderer;
