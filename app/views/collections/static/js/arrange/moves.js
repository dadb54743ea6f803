// Saves moves on the server, one after the other. A move that cannot be saved is undone in the page.

import { post } from "../shared/http.js"

export class Moves {
  pending = null // promise of whether the last move was saved; null when all are
  #list
  #url
  #announce

  constructor(list, url, announce) {
    this.#list = list
    this.#url = url
    this.#announce = announce
  }

  // `moved`: { uuid, name } of the photo, which the page shows at its new place already.
  save(moved, from, to) {
    const earlier = this.pending
    const saving = this.#send({ ...moved, from, to, next: this.#oldNext(from, to) }, earlier)
    this.pending = saving
    saving.then(() => this.pending === saving && (this.pending = null))
    this.#announce(`Moving ${moved.name} to position ${this.#position(to)}…`)
  }

  async #send(move, earlier) {
    const { uuid, name, to } = move
    try {
      const before = to + 1 < this.#list.count ? await this.#list.uuid(to + 1) : null
      await earlier
      await post(this.#url, { moved: [uuid], before })
      this.#announce(`Saved: ${name} is at position ${this.#position(to)}.`)
      return true
    } catch {
      this.#undo(move)
      this.#announce(`${name} couldn’t be moved and is back where it was. Try again.`)
      return false
    }
  }

  // The uuid of the photo after the old place, which identifies that place even if others are moved.
  #oldNext(from, to) {
    const next = to > from ? from : from + 1
    return this.#list.tile(next)?.dataset.fileUuid
  }

  #undo({ uuid, from, to, next }) {
    const known = this.#list.find(uuid)
    const now = known < 0 ? to : known
    const before = next ? this.#list.find(next) : -1
    const back = before < 0 ? from : before - (before > now)
    if (back !== now) this.#list.move(now, back)
  }

  #position(index) {
    return `${(index + 1).toLocaleString("en")} of ${this.#list.count.toLocaleString("en")}`
  }
}
