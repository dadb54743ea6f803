// A blurred likeness behind a picture until it has loaded: 25 bytes in the tile (`data-thumbhash`), drawn here.

import { thumbHashToRGBA } from "../../../../static/vendor/thumbhash/thumbhash.js"

export function showLikeness(tile) {
  const image = tile.querySelector(".tile-link img")
  const hash = tile.dataset.thumbhash
  if (!hash || !image || image.previousElementSibling || (image.complete && image.naturalWidth)) return
  const canvas = drawing(hash)
  image.before(canvas)
  image.addEventListener("load", () => image.decode().catch(() => {}).then(() => canvas.remove()), { once: true })
}

function drawing(hash) {
  const { w, h, rgba } = thumbHashToRGBA(Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0)))
  const canvas = document.createElement("canvas")
  canvas.className = "likeness"
  canvas.setAttribute("aria-hidden", "true")
  canvas.width = w
  canvas.height = h
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0)
  return canvas
}
