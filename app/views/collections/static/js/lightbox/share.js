// Shares the photo: its file by the share sheet of the device; without support for files, its URL; without a share sheet,
// the URL is copied. The file is the variant on the screen, never the original. If the page's URL does not open for others,
// a visitor's share link is shared instead; in a private collection, its owner can share only the file.

import { getJson } from "../shared/http.js"
import { previewWidth, renditionOf } from "./rendition.js"

const EXAMPLE = { type: "image/jpeg" }
const FAILED = "This photo couldn’t be shared. Try again."
const { dataset } = document.querySelector("[data-collection]")
const addressOpens = () => "addressOpens" in dataset || Boolean(dataset.linkUrl)
const sheetTakesFiles = () => Boolean(navigator.share && navigator.canShare?.({ files: [new File(["x"], "x.jpg", EXAMPLE)] }))

export const canShare = () => addressOpens() || sheetTakesFiles()

export function sharing(pswp, toast) {
  let ready = null // { url, file } of the last fetch, for a second press
  let link = fetchLink() // early, because browsers allow copying only right after a press

  async function share() {
    const { currSlide } = pswp
    if (!navigator.share) return copy(await addressForOthers())
    const file = currSlide.content.isImageContent() ? await fileOf(currSlide.content) : null
    if (file && navigator.canShare?.({ files: [file] })) return openSheet({ files: [file] })
    const url = await addressForOthers()
    if (!url) return toast.show(FAILED)
    await openSheet({ title: document.querySelector("h1").textContent, url })
  }

  // The page's URL, or the visitor's share link, with the photo's hash; null if there is none.
  async function addressForOthers() {
    if ("addressOpens" in dataset) return location.href
    link = (await link) ?? fetchLink()
    const url = await link
    return url && url + location.hash
  }

  async function openSheet(data) {
    try {
      await navigator.share(data)
    } catch (error) {
      if (error.name === "AbortError") return // cancelled by the visitor
      // Browsers allow sharing only shortly after a press, and fetching the file took too long.
      if (error.name === "NotAllowedError" && data.files) toast.show("The photo is ready now. Press Share again.")
      else await copy(await addressForOthers())
    }
  }

  async function copy(url) {
    if (!url) return toast.show(FAILED)
    try {
      await navigator.clipboard.writeText(url)
      toast.show("Link copied.")
    } catch {
      toast.show(`The link to this photo: ${url}`)
    }
  }

  // From the browser's cache. Null if the store's CORS rules do not allow reading it.
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

async function fetchLink() {
  if (!dataset.linkUrl) return null
  return getJson(dataset.linkUrl).then(({ url }) => url, () => null) // fetched again at the press
}
