// The blurred placeholder behind an image until it has loaded, from the 25 bytes of `data-thumbhash`.

import { thumbHashToRGBA } from "../../../../static/vendor/thumbhash/thumbhash.js"

export function showPlaceholder(tile) {
  const image = tile.querySelector(".tile-link img")
  const hash = tile.dataset.thumbhash
  if (!hash || !image || image.previousElementSibling || (image.complete && image.naturalWidth)) return
  const canvas = draw(hash)
  image.before(canvas)
  image.addEventListener("load", () => image.decode().catch(() => {}).then(() => canvas.remove()), { once: true })
}

function draw(hash) {
  const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0)))
  const canvas = document.createElement("canvas")
  canvas.className = "likeness"
  canvas.setAttribute("aria-hidden", "true")
  canvas.width = w
  canvas.height = h
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0)
  return canvas
}
