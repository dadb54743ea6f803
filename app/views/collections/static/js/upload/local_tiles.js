// Pictures that stand in the gallery before a byte has left: drawn from the file itself, small, and only while they are
// near the screen, so that a thousand of them take no more memory than a screenful.

import { placeStandIn, refreshTile } from "../gallery/tiles.js"

const HEIGHT = 400
const LANES = 2
const PREPARING = ".tile-state .spinner"

const handles = new WeakMap()
const wanted = new Set()
let drawing = 0

const near = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      const handle = handles.get(target)
      if (isIntersecting) wanted.add(handle)
      else handle.clear()
    }
    drawNext()
  },
  { rootMargin: "300px" },
)

// Returns {settle(uuid), remove()}, of which one must be called in the end; null if the file is not a picture.
// It is drawn if its MIME type is one of the drawable ones, which the page lists.
export function addLocalTile(file, drawableTypes) {
  const picture = file.type ? file.type.startsWith("image/") : /\.(heic|heif|dng|cr[23]|nef|arw|raf|orf|rw2)$/i.test(file.name)
  return picture ? new LocalTile(file, drawableTypes.includes(file.type)) : null
}

class LocalTile {
  drawn = false
  #file
  #tile
  #canvas = null

  constructor(file, isDrawable) {
    this.#file = file
    this.#tile = makeTile(file)
    placeStandIn(this.#tile)
    if (!isDrawable) return
    handles.set(this.#tile, this)
    near.observe(this.#tile)
  }

  // The server's tile takes the place; while that one has no picture yet, ours stays behind its words.
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
    if (this.#tile.isConnected && wanted.has(this)) this.#show(bitmap)
    bitmap.close()
  }

  clear() {
    wanted.delete(this)
    this.drawn = false
    if (this.#canvas) this.#canvas.width = 0 // gives the pixels back at once
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
    near.unobserve(this.#tile)
    this.clear()
    this.#file = null
  }
}

async function drawNext() {
  const next = [...wanted].find((handle) => !handle.drawn)
  if (!next || drawing >= LANES) return
  drawing += 1
  next.drawn = true
  await next.draw().catch(() => {}) // a picture that this browser cannot show keeps its quiet placeholder
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

// As the server's: 0.30 to 4.00 in steps of 0.05.
function ratioClass({ width, height }) {
  return `r${Math.min(400, Math.max(30, Math.round((width / height) * 20) * 5))}`
}
