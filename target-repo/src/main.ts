import { ENGINE_NAME } from './engine/index.ts';

/** Matches the drawing buffer to the canvas' size on screen, in device pixels. */
function fitToScreen(gl: WebGL2RenderingContext, canvas: HTMLCanvasElement): void {
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
  gl.viewport(0, 0, canvas.width, canvas.height);
}

function drawFrame(gl: WebGL2RenderingContext): void {
  gl.clearColor(0.53, 0.71, 0.92, 1);
  gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
}

function start(canvas: HTMLCanvasElement): void {
  const gl = canvas.getContext('webgl2', { antialias: false });
  if (gl === null) {
    document.body.textContent = `${ENGINE_NAME} needs a browser with WebGL2.`;
    return;
  }
  const redraw = () => {
    fitToScreen(gl, canvas);
    drawFrame(gl);
  };
  addEventListener('resize', redraw);
  redraw();
}

const canvas = document.querySelector<HTMLCanvasElement>('#view');
if (canvas === null) throw new Error('index.html has no canvas with the id "view"');
start(canvas);
