// A picture that cannot be shown is reported, once; the server looks for it in the store and makes it again if it is
// gone or damaged. `onAnswer` then hears which file it was: what is whole was lost on the way, and is to be fetched again.

import { post } from "../shared/http.js"
import { insist } from "../shared/insist.js"

const ADDRESS = /(\/collections\/files\/([^/]+)\/)(?:(thumbnail)|(preview)|variants\/([a-z]+))/
const reported = new Set()

export function watchPictures(place, onAnswer) {
  const look = (image) => report(image, onAnswer).catch(() => {}) // it was deleted, or the collection closed
  place.addEventListener("error", (event) => event.target instanceof HTMLImageElement && look(event.target), true)
  place.querySelectorAll("img").forEach((image) => image.complete && image.naturalWidth === 0 && look(image))
}

async function report(image, onAnswer) {
  const found = ADDRESS.exec(image.currentSrc || image.src)
  if (!found) return
  const [, file, uuid, thumbnail, preview, other] = found
  const url = `${file}variants/${thumbnail ? "thumb" : preview ? "medium" : other}/report`
  if (reported.has(url)) return
  reported.add(url)
  await insist(() => post(url))
  await onAnswer(uuid)
}
