"""How does a 16-bit image get onto the screen with its greys windowed by the graphics card?"""

import ctypes

import numpy as np
from numpy.typing import NDArray
from psychopy.visual import shaders
from pyglet import gl

from capture.viewer import Rectangle
from gazekit.model.geometry import Affine

__all__ = ["GreyTexture"]

_VERTEX = """
void main() {
    gl_TexCoord[0] = gl_MultiTexCoord0;
    gl_Position = gl_ModelViewProjectionMatrix * gl_Vertex;
}
"""

_FRAGMENT = """
uniform sampler2D grey;
uniform float low;
uniform float width;
uniform float inverted;
void main() {
    float value = texture2D(grey, gl_TexCoord[0].st).r * 65535.0;
    float shade = clamp((value - low) / width, 0.0, 1.0);
    gl_FragColor = vec4(vec3(mix(shade, 1.0 - shade, inverted)), 1.0);
}
"""


class GreyTexture:
    """Display pixels in an R16 texture: exact, half the memory of floats, windowed by a shader.

    Needs the window's OpenGL context. Only what OpenGL 2 and pyglet 1.4 know is used.
    """

    filter = "linear, mipmaps when smaller"

    def __init__(self) -> None:
        self._program = int(shaders.compileProgram(_VERTEX, _FRAGMENT))
        self._places = {
            name: gl.glGetUniformLocation(self._program, name.encode())
            for name in ("grey", "low", "width", "inverted")
        }
        self._texture: gl.GLuint | None = None
        self._size = (0, 0)

    def upload(self, pixels: NDArray[np.uint16]) -> None:
        """Put an image onto the card; uint16, shape (rows, columns), row 0 at the top."""
        self.delete()
        data = np.ascontiguousarray(pixels, np.uint16)
        rows, columns = data.shape
        most = gl.GLint()
        gl.glGetIntegerv(gl.GL_MAX_TEXTURE_SIZE, ctypes.byref(most))
        if max(rows, columns) > most.value:
            raise ValueError(f"the graphics card shows at most {most.value} px a side")
        texture = gl.GLuint()
        gl.glGenTextures(1, ctypes.byref(texture))
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glPixelStorei(gl.GL_UNPACK_ROW_LENGTH, 0)
        for name, value in (
            (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR_MIPMAP_LINEAR),
            (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE),
            (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
            (gl.GL_GENERATE_MIPMAP, gl.GL_TRUE),
        ):
            gl.glTexParameteri(gl.GL_TEXTURE_2D, name, value)
        gl.glTexImage2D(
            gl.GL_TEXTURE_2D,
            0,
            gl.GL_R16,
            columns,
            rows,
            0,
            gl.GL_RED,
            gl.GL_UNSIGNED_SHORT,
            data.ctypes.data_as(ctypes.c_void_p),
        )
        gl.glBindTexture(gl.GL_TEXTURE_2D, 0)
        self._texture, self._size = texture, (columns, rows)

    def draw(
        self,
        view: Affine,
        clip: Rectangle,
        *,
        window_size: tuple[int, int],
        greys: tuple[float, float],
        inverted: bool,
    ) -> None:
        """Draw the image; all state of OpenGL is put back.

        Parameters
        ----------
        view
            Image pixels to window pixels, top left origin.
        clip
            x0, y0, x1, y1 of the part of the window that may be drawn on.
        window_size
            Width and height of the window, in pixels.
        greys
            Display values shown as black and as white.
        """
        if self._texture is None:
            return
        width, height = window_size
        gl.glPushAttrib(gl.GL_ALL_ATTRIB_BITS)
        for mode in (gl.GL_PROJECTION, gl.GL_MODELVIEW):
            gl.glMatrixMode(mode)
            gl.glPushMatrix()
            gl.glLoadIdentity()
        gl.glMatrixMode(gl.GL_PROJECTION)
        gl.glOrtho(0, width, height, 0, -1, 1)
        x0, y0, x1, y1 = (round(edge) for edge in clip)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        gl.glScissor(x0, height - y1, x1 - x0, y1 - y0)
        gl.glDisable(gl.GL_BLEND)
        gl.glDisable(gl.GL_DEPTH_TEST)
        self._paint(view, greys, inverted=inverted)
        for mode in (gl.GL_PROJECTION, gl.GL_MODELVIEW):
            gl.glMatrixMode(mode)
            gl.glPopMatrix()
        gl.glPopAttrib()

    def _paint(self, view: Affine, greys: tuple[float, float], *, inverted: bool) -> None:
        columns, rows = self._size
        gl.glUseProgram(self._program)
        gl.glActiveTexture(gl.GL_TEXTURE0)
        gl.glBindTexture(gl.GL_TEXTURE_2D, self._texture)
        gl.glUniform1i(self._places["grey"], 0)
        gl.glUniform1f(self._places["low"], greys[0])
        gl.glUniform1f(self._places["width"], max(greys[1] - greys[0], 1e-6))
        gl.glUniform1f(self._places["inverted"], 1.0 if inverted else 0.0)
        gl.glBegin(gl.GL_QUADS)
        for s, t in ((0, 0), (1, 0), (1, 1), (0, 1)):
            x, y = view.apply(s * columns, t * rows)
            gl.glTexCoord2f(s, t)
            gl.glVertex2f(float(x), float(y))
        gl.glEnd()
        gl.glBindTexture(gl.GL_TEXTURE_2D, 0)
        gl.glUseProgram(0)

    def delete(self) -> None:
        """Take the image off the card; a second call does nothing."""
        if self._texture is not None:
            gl.glDeleteTextures(1, ctypes.byref(self._texture))
            self._texture = None
