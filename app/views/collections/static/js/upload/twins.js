// Two files of the same bytes in one go: the second waits for the first, so that nothing is sent twice.

import { OPEN } from "./states.js"

export class Twins {
  #leaders = new Map()

  // Whether the entry has to wait for another one; if not, others will wait for it.
  follows(entry) {
    const leader = this.#leaders.get(entry.sha256)
    if (!leader || leader === entry || !OPEN.has(leader.state) || leader.sha256 !== entry.sha256) {
      this.#leaders.set(entry.sha256, entry)
      entry.followers ??= []
      return false
    }
    entry.leader = leader
    leader.followers.push(entry)
    return true
  }

  // Those who waited for the entry, which is done or given up.
  release(entry) {
    const followers = entry.followers?.splice(0) ?? []
    return followers.filter((twin) => twin.state === "twin")
  }
}
