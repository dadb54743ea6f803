// Tells the server of each move, one after the other. What does not reach it goes back to where it was.

import { post } from "../shared/http.js"

export class Moves {
  pending = null // promise of whether the last one was saved, null while all are
  #list
  #url
  #say

  constructor(list, url, say) {
    this.#list = list
    this.#url = url
    this.#say = say
  }

  // `moved`: { uuid, name } of what the page shows at its new place already.
  save(moved, from, to) {
    const earlier = this.pending
    const saving = this.#tell({ ...moved, from, to, next: this.#nextBefore(from, to) }, earlier)
    this.pending = saving
    saving.then(() => this.pending === saving && (this.pending = null))
    this.#say(`${moved.name} is photograph ${place(to)} of ${place(this.#list.count - 1)} now; saving.`)
  }

  async #tell(move, earlier) {
    const { uuid, name, to } = move
    try {
      const before = to + 1 < this.#list.count ? await this.#list.uuid(to + 1) : null
      await earlier
      await post(this.#url, { moved: [uuid], before })
      this.#say(`Saved: ${name} is now photograph ${place(to)} of ${place(this.#list.count - 1)}.`)
      return true
    } catch {
      this.#takeBack(move)
      this.#say(`${name} could not be moved and is back where it was. Please try again.`)
      return false
    }
  }

  // The photograph that it stood before, by which its old place is found even if others have moved meanwhile.
  #nextBefore(from, to) {
    const next = to > from ? from : from + 1
    return this.#list.tile(next)?.dataset.fileUuid
  }

  #takeBack({ uuid, from, to, next }) {
    const known = this.#list.find(uuid)
    const now = known < 0 ? to : known
    const before = next ? this.#list.find(next) : -1
    const back = before < 0 ? from : before - (before > now)
    if (back !== now) this.#list.move(now, back)
  }
}

function place(index) {
  return (index + 1).toLocaleString("en")
}
