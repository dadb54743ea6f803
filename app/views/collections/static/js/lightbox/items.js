// A photograph's tile as a slide, and the words in place of a picture that cannot be shown.

// What the ladder makes at most (app/imaging/variants.py); the width of a preview is known better once it is here.
const PREVIEW_WIDTH = 1200
const LARGE_SIDE = 2048
const SHOWABLE = /^(jpe?g|jfif|png|webp|gif|avif|bmp)$/i

export function slideOf(tile) {
  const { fileUuid, fileName, fileSizeHuman, fileType, status, reason, previewUrl, largeUrl, fullUrl } = tile.dataset
  const thumb = tile.querySelector("img")
  const width = Number(tile.dataset.width) || thumb?.naturalWidth || PREVIEW_WIDTH
  const height = Number(tile.dataset.height) || thumb?.naturalHeight || (PREVIEW_WIDTH * 2) / 3
  const common = { uuid: fileUuid, name: fileName, sizeHuman: fileSizeHuman, fileType, status, fullUrl, alt: fileName }
  common.infoUrl = previewUrl && new URL("info", new URL(previewUrl, location.href)).href
  if (status !== "completed" || !previewUrl) return { ...common, type: "message", reason }
  return {
    ...common,
    src: previewUrl,
    get msrc() {
      return placeholderOf(thumb)
    },
    width,
    height,
    thumbCropped: true,
    previewWidth: Math.min(width, PREVIEW_WIDTH),
    largeUrl,
    largeWidth: Math.round(width * Math.min(1, LARGE_SIDE / Math.max(width, height))),
  }
}

// What is here already of the whole picture, if anything is: who opens it before its tile has loaded waits for nothing.
// Without a srcset the tile shows the square thumb, which would jump.
function placeholderOf(thumb) {
  if (!thumb?.srcset) return undefined
  if (thumb.complete && thumb.naturalWidth) return thumb.currentSrc
  const likeness = thumb.parentElement.querySelector("canvas.likeness")
  return likeness?.toDataURL() ?? thumb.srcset.split(" ")[0]
}

export function browserShows(slide) {
  return SHOWABLE.test(slide.fileType || slide.name.split(".").pop())
}

// A sentence in the middle of the stage, for what cannot be shown; with the original where it may be had.
export function messageElement(slide, title, text) {
  const box = document.createElement("div")
  box.className = "lightbox-message"
  box.append(element("strong", title), element("p", text))
  if (slide.fullUrl) {
    const link = element("a", "Download the original")
    link.href = slide.fullUrl
    link.download = ""
    box.append(link)
  }
  return box
}

export function waitingMessage(slide) {
  if (slide.status === "loading") return loadingElement()
  if (slide.status === "unreachable") {
    return messageElement(slide, "This photograph did not load", "The connection may be slow or gone. Coming back to it tries again.")
  }
  if (slide.status === "failed") {
    return messageElement(slide, "No preview", slide.reason || "No preview could be made of this picture.")
  }
  return messageElement(slide, "Not ready yet", "The preview is being prepared. It appears here as soon as it is ready.")
}

function loadingElement() {
  const box = document.createElement("div")
  box.className = "lightbox-message lightbox-loading"
  const spinner = element("span", "")
  spinner.className = "spinner"
  const words = element("span", "Loading")
  words.className = "visually-hidden"
  box.append(spinner, words)
  return box
}

function element(name, text) {
  const made = document.createElement(name)
  made.textContent = text
  return made
}
