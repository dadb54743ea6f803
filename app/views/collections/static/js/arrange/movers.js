// While photographs are arranged, each has one button over all of it, by which it is picked up, dragged and put down; what
// else is on it is out of reach. Tiles that come into the page later get theirs as they come.

export class Movers {
  #gallery
  #onHold
  #on = false
  #held = null

  // `onHold(uuid)` hears which photograph is held now, null if none is.
  constructor(gallery, onHold) {
    this.#gallery = gallery
    this.#onHold = onHold
    const watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => this.#dress(addedNodes)))
    watch.observe(gallery, { childList: true }) // for good: an album keeps tiles with their buttons for later
  }

  show(on) {
    this.#on = on
    this.#dress(this.#gallery.children)
  }

  hold(uuid) {
    this.#held = uuid
    this.#gallery.classList.toggle("holding", uuid !== null)
    this.#dress(this.#gallery.children)
    this.#onHold(uuid)
  }

  #dress(nodes) {
    for (const tile of nodes) if (tile.dataset?.fileUuid) this.#dressTile(tile)
  }

  #dressTile(tile) {
    const button = tile.querySelector(":scope > .tile-mover")
    const held = this.#on && tile.dataset.fileUuid === this.#held
    if (this.#on === !button) this.#change(tile, button)
    tile.classList.toggle("lifted", held)
    tile.querySelector(":scope > .tile-mover")?.setAttribute("aria-pressed", held)
  }

  #change(tile, button) {
    for (const child of tile.children) child.inert = this.#on
    if (button) button.remove()
    else tile.append(moverOf(tile))
  }
}

function moverOf({ dataset }) {
  const made = document.createElement("button")
  made.type = "button"
  made.className = "tile-mover"
  made.setAttribute("aria-label", `Move ${dataset.fileName}`)
  return made
}
