// Tiles of photos that are not uploaded yet, drawn from the file in the browser. Each is small and drawn only near the
// screen, so that a thousand take no more memory than a screenful.

import { insertLocalTile, refreshTile } from "../gallery/tiles.js"

const HEIGHT = 400
const LANES = 2
const PREPARING = ".tile-state .spinner"

const tilesByElement = new WeakMap()
const visible = new Set()
let drawing = 0

const observer = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) {
      const tile = tilesByElement.get(target)
      if (isIntersecting) visible.add(tile)
      else tile.clear()
    }
    drawNext()
  },
  { rootMargin: "300px" },
)

// Returns {settle(uuid), remove()}, one of which must be called in the end; null if the file is not a photo.
// `drawableTypes`: the MIME types to draw. `extensions`: those of photos, for files without a MIME type (HEIC, RAW).
export function addLocalTile(file, { drawableTypes, extensions }) {
  const isPhoto = file.type ? file.type.startsWith("image/") : extensions.includes(file.name.split(".").pop().toLowerCase())
  return isPhoto ? new LocalTile(file, drawableTypes.includes(file.type)) : null
}

class LocalTile {
  drawn = false
  #file
  #tile
  #canvas = null

  constructor(file, isDrawable) {
    this.#file = file
    this.#tile = makeTile(file)
    insertLocalTile(this.#tile)
    if (!isDrawable) return
    tilesByElement.set(this.#tile, this)
    observer.observe(this.#tile)
  }

  // Replace this tile with the server's. While the server's has no preview, this drawing stays behind its text.
  async settle(uuid) {
    const tile = await refreshTile(uuid, this.#tile)
    if (this.#canvas && tile.querySelector(PREPARING)) {
      tile.prepend(this.#canvas)
      this.#canvas = null
    }
    this.#end()
    return tile
  }

  remove() {
    this.#tile.remove()
    this.#end()
  }

  async draw() {
    const bitmap = await createImageBitmap(this.#file, { resizeHeight: HEIGHT, resizeQuality: "medium", imageOrientation: "from-image" })
    if (this.#tile.isConnected && visible.has(this)) this.#show(bitmap)
    bitmap.close()
  }

  clear() {
    visible.delete(this)
    this.drawn = false
    if (this.#canvas) this.#canvas.width = 0 // frees the memory at once
    this.#canvas?.remove()
    this.#canvas = null
  }

  #show(bitmap) {
    this.#canvas = document.createElement("canvas")
    this.#canvas.className = "local-picture"
    this.#canvas.width = bitmap.width
    this.#canvas.height = bitmap.height
    this.#canvas.getContext("2d").drawImage(bitmap, 0, 0)
    this.#tile.classList.replace(this.#tile.dataset.ratio, ratioClass(bitmap))
    this.#tile.dataset.ratio = ratioClass(bitmap)
    this.#tile.prepend(this.#canvas)
  }

  #end() {
    observer.unobserve(this.#tile)
    this.clear()
    this.#file = null
  }
}

async function drawNext() {
  const next = [...visible].find((tile) => !tile.drawn)
  if (!next || drawing >= LANES) return
  drawing += 1
  next.drawn = true
  await next.draw().catch(() => {}) // if the browser cannot decode it, the tile stays empty
  drawing -= 1
  drawNext()
}

function makeTile(file) {
  const tile = document.createElement("li")
  tile.className = "local-tile r150"
  tile.dataset.ratio = "r150"
  tile.dataset.localTile = file.name
  const name = document.createElement("span")
  name.className = "local-name"
  name.textContent = file.name
  tile.append(name)
  return tile
}

// The same classes as on the server: ratios 0.30 to 4.00 in steps of 0.05.
function ratioClass({ width, height }) {
  return `r${Math.min(400, Math.max(30, Math.round((width / height) * 20) * 5))}`
}
