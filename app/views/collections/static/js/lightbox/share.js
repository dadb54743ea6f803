// Hands the photograph to the phone's share sheet, which can save it with the others; where that takes no files, its
// address; where there is no share sheet, the address goes to the clipboard. The file is what the slide shows of the
// variants, never the original: that has its own button, for those who may have it. Whoever came by a share link, where the
// address alone opens for nobody else, passes that link on; where only the owner may look, only the file is shared.

import { getJson } from "../shared/http.js"
import { previewWidth, renditionOf } from "./rendition.js"

const EXAMPLE = { type: "image/jpeg" }
const FAILED = "This photo couldn’t be shared. Try again."
const { dataset } = document.querySelector("[data-collection]")
const addressOpens = () => "addressOpens" in dataset || Boolean(dataset.linkUrl)
const sheetTakesFiles = () => Boolean(navigator.share && navigator.canShare?.({ files: [new File(["x"], "x.jpg", EXAMPLE)] }))

// Whether there is anything to share here.
export const canShare = () => addressOpens() || sheetTakesFiles()

export function sharing(pswp, toast) {
  let ready = null // { url, file }: the last one fetched, for a second try
  let link = askForLink() // ahead, because a browser wants the copying to follow the press at once

  async function share() {
    const { currSlide } = pswp
    if (!navigator.share) return copy(await addressForOthers())
    const file = currSlide.content.isImageContent() ? await fileOf(currSlide.content) : null
    if (file && navigator.canShare?.({ files: [file] })) return hand({ files: [file] })
    const url = await addressForOthers()
    if (!url) return toast.say(FAILED)
    await hand({ title: document.querySelector("h1").textContent, url })
  }

  // The page's own address, or the share link by which this visitor came, to this photograph; null if there is none.
  async function addressForOthers() {
    if ("addressOpens" in dataset) return location.href
    link = (await link) ?? askForLink()
    const url = await link
    return url && url + location.hash
  }

  async function hand(what) {
    try {
      await navigator.share(what)
    } catch (error) {
      if (error.name === "AbortError") return // somebody thought better of it
      // A browser wants the press to be recent, and the file took its time.
      if (error.name === "NotAllowedError" && what.files) toast.say("The photograph is ready now. Press Share again.")
      else await copy(await addressForOthers())
    }
  }

  async function copy(url) {
    if (!url) return toast.say(FAILED)
    try {
      await navigator.clipboard.writeText(url)
      toast.say("Link copied.")
    } catch {
      toast.say(`The link to this photograph: ${url}`)
    }
  }

  // Comes from the browser's cache, as it is on the screen. From a store that does not let pages read it: null.
  async function fileOf(content) {
    const { src, largeUrl, name } = content.data
    const url = largeUrl && renditionOf(content) !== "preview" && content.data.width > previewWidth(content) ? largeUrl : src
    if (ready?.url === url) return ready.file
    const blob = await fetch(url).then((response) => (response.ok ? response.blob() : null)).catch(() => null)
    if (!blob?.type.startsWith("image/")) return null
    ready = { url, file: new File([blob], `${name.replace(/\.[^.]*$/, "")}.jpg`, { type: blob.type }) }
    return ready.file
  }

  pswp.on("change", () => (ready = null))
  pswp.on("destroy", () => (ready = null))
  return share
}

async function askForLink() {
  if (!dataset.linkUrl) return null
  return getJson(dataset.linkUrl).then(({ url }) => url, () => null) // asked again at the press
}
