// Loads the neighbours' previews after the current one, so that they do not share a slow connection. (PhotoSwipe 5 loads
// all three at once.)

export function loadCurrentFirst(pswp) {
  const waiting = new Set()

  function isCurrent(content) {
    return content === pswp.currSlide?.content
  }

  function loadWaiting() {
    for (const content of waiting) {
      if (!isCurrent(content) && isLoading(pswp.currSlide?.content)) continue
      waiting.delete(content)
      content.loadImage(true) // does nothing for content that PhotoSwipe has destroyed
    }
  }

  pswp.on("contentLoadImage", (event) => {
    const { content } = event
    if (isCurrent(content) || !isLoading(pswp.currSlide?.content)) return
    event.preventDefault()
    waiting.add(content)
  })
  pswp.on("loadComplete", loadWaiting)
  pswp.on("change", loadWaiting)
  pswp.on("contentDestroy", ({ content }) => waiting.delete(content))
}

function isLoading(content) {
  return content?.isImageContent() && (content.state === "idle" || content.state === "loading")
}
