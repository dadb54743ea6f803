// Identical files in one queue: the second (its twin) waits for the first, so that the bytes are sent only once.

import { UNFINISHED } from "./states.js"

export class Twins {
  #leaders = new Map()

  // Return whether the entry must wait for an identical one. If not, it becomes the leader of those that follow.
  follows(entry) {
    const leader = this.#leaders.get(entry.sha256)
    if (!leader || leader === entry || !UNFINISHED.has(leader.state) || leader.sha256 !== entry.sha256) {
      this.#leaders.set(entry.sha256, entry)
      entry.followers ??= []
      return false
    }
    entry.leader = leader
    leader.followers.push(entry)
    return true
  }

  // Return the entries that waited for this one, when it has finished or been given up.
  release(entry) {
    const followers = entry.followers?.splice(0) ?? []
    return followers.filter((twin) => twin.state === "twin")
  }
}
