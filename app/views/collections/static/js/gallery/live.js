// Hears of the files as they get ready: by a stream of events while something is being prepared or expected, by asking
// where there is none, and seldom while all is at rest. A stream holds a thread of the server, so nobody keeps an idle one.

import { StatusWatch } from "./status_poll.js"

const SILENCE = 15_000 // ms; the server's heart beats every 5 s
const REST = 10_000 // ms after the last file got ready; more may follow

export class Live {
  #url
  #onNews
  #watch
  #stream = null
  #silence = null
  #rest = null

  // `onNews({files, counts})` hears what changed.
  constructor({ eventsUrl, statusUrl }, onNews) {
    this.#url = eventsUrl
    this.#onNews = onNews
    this.#watch = new StatusWatch(statusUrl, (news) => this.#take(news))
    addEventListener("pagehide", () => this.#close())
    addEventListener("pageshow", (event) => event.persisted && this.wake())
  }

  wake() {
    clearTimeout(this.#rest)
    this.#rest = null
    if (!this.#url || !window.EventSource) this.#watch.wake()
    else if (!this.#stream) this.#open()
  }

  #open() {
    const stream = new EventSource(this.#url)
    this.#stream = stream
    this.#watch.pause()
    stream.addEventListener("open", () => this.#alive())
    stream.addEventListener("beat", () => this.#alive())
    stream.addEventListener("files", ({ data }) => {
      this.#alive()
      this.#take(JSON.parse(data))
    })
    // It comes back by itself unless the server refused it: too many, or no longer allowed.
    stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && this.#fallBack())
    this.#alive()
  }

  #alive() {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#fallBack(), SILENCE)
  }

  #fallBack() {
    this.#close()
    this.#watch.wake()
  }

  #close() {
    clearTimeout(this.#silence)
    this.#stream?.close()
    this.#stream = null
  }

  async #take(news) {
    await this.#onNews(news)
    if (news.counts.preparing) return this.#stream || this.wake()
    this.#rest ??= setTimeout(() => this.#sleep(), REST)
  }

  #sleep() {
    this.#rest = null
    this.#close()
    this.#watch.resume()
  }
}
