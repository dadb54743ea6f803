// In the arrange mode a button covers each tile, to pick it up, drag it and put it down; other controls of the tile are
// inert. Tiles inserted later get their button too.

export class MoveButtons {
  #gallery
  #onHold
  #on = false
  #held = null

  // `onHold(uuid)` is called with the held photo, or null.
  constructor(gallery, onHold) {
    this.#gallery = gallery
    this.#onHold = onHold
    const observer = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => this.#update(addedNodes)))
    observer.observe(gallery, { childList: true }) // also later: an album re-inserts tiles that still have their button
  }

  show(on) {
    this.#on = on
    this.#update(this.#gallery.children)
  }

  hold(uuid) {
    this.#held = uuid
    this.#gallery.classList.toggle("holding", uuid !== null)
    this.#update(this.#gallery.children)
    this.#onHold(uuid)
  }

  #update(nodes) {
    for (const tile of nodes) if (tile.dataset?.fileUuid) this.#updateTile(tile)
  }

  #updateTile(tile) {
    const button = tile.querySelector(":scope > .tile-mover")
    const held = this.#on && tile.dataset.fileUuid === this.#held
    if (this.#on === !button) this.#toggle(tile, button)
    tile.classList.toggle("lifted", held)
    tile.querySelector(":scope > .tile-mover")?.setAttribute("aria-pressed", held)
  }

  #toggle(tile, button) {
    for (const child of tile.children) child.inert = this.#on
    if (button) button.remove()
    else tile.append(makeButton(tile))
  }
}

function makeButton({ dataset }) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "tile-mover"
  button.setAttribute("aria-label", `Move ${dataset.fileName}`)
  return button
}
