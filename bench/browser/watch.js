// Records what is painted and when, in ms since navigation. Runs in the page before its own scripts.
(() => {
  const painted = new WeakSet()
  const bench = { lcp: 0, cls: 0, photos: [] }
  window.bench = bench
  const observe = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true })

  observe("largest-contentful-paint", (entry) => { bench.lcp = entry.startTime })
  observe("layout-shift", (entry) => { if (!entry.hadRecentInput) bench.cls += entry.value })
  observe("element", (entry) => {
    if (!entry.url.startsWith("http")) return // a placeholder that came with the page
    painted.add(entry.element)
    bench.photos.push(entry.renderTime || entry.loadTime)
  })

  // Element Timing reports when an image was painted, if the attribute is set before.
  const ask = (node) => node.querySelectorAll?.(".tile-link img:not([elementtiming])").forEach((image) => image.setAttribute("elementtiming", "photo"))
  new MutationObserver((records) => records.forEach(({ addedNodes, target }) => {
    addedNodes.forEach((node) => { if (node.nodeName === "IMG" && target.matches?.(".tile-link")) node.setAttribute("elementtiming", "photo") })
    addedNodes.forEach(ask)
  })).observe(document, { childList: true, subtree: true })

  const inView = (element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect()
    return bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && bottom > top
  }
  const until = (condition, patience) => new Promise((resolve) => {
    const end = performance.now() + patience
    const look = () => {
      const found = condition()
      if (found || performance.now() > end) resolve(found || null)
      else requestAnimationFrame(look)
    }
    look()
  })

  const tilesInView = () => [...document.querySelectorAll(".gallery-item")].filter(inView)
  const allPainted = () => {
    const images = tilesInView().map((tile) => tile.querySelector(".tile-link img"))
    return images.length > 0 && images.every((image) => image?.complete && painted.has(image)) && images.length
  }
  // Waits until all photographs in view are painted; `photos` is their number, null after `patience` (ms).
  bench.firstScreen = async (patience) => {
    const photos = await until(allPainted, patience)
    const last = photos && Math.max(...bench.photos)
    const first = bench.photos.length ? Math.min(...bench.photos) : null
    return { first, last, photos, lcp: bench.lcp, cls: bench.cls, height: document.documentElement.scrollHeight }
  }
  bench.stillness = (patience) => until(() => {
    const images = tilesInView().map((tile) => tile.querySelector(".tile-link img"))
    return images.length > 0 && images.every((image) => image?.complete && image.naturalWidth) && images.length
  }, patience)

  // The lightbox, timed from the click or key. An image is sharp if it is the preview or larger.
  addEventListener("click", (event) => { if (event.isTrusted) bench.acted = event.timeStamp }, true)
  // Until the page's script has loaded, a tile is a plain link: cancel the navigation and click again.
  addEventListener("click", (event) => {
    const link = event.target.closest?.(".tile-link")
    if (!link || event.defaultPrevented) return
    event.preventDefault()
    setTimeout(() => link.click(), 100)
  })
  addEventListener("keydown", (event) => { bench.acted = event.timeStamp }, true)
  const SHARP = /\/(preview|original|variants\/(medium|large))/
  const onStage = (image) => {
    const { left, right, width } = image.getBoundingClientRect()
    return width > 0 && (left + right) / 2 > 0 && (left + right) / 2 < innerWidth
  }
  const loaded = (element) => element.nodeName !== "IMG" || (element.complete && element.naturalWidth > 0)
  const shown = (uuid) => [...document.querySelectorAll(".pswp__img")].filter((element) =>
    loaded(element) && onStage(element) && (!element.currentSrc?.startsWith("http") || element.currentSrc.includes(uuid)))
  const frame = () => new Promise(requestAnimationFrame)
  bench.watchSlide = (uuid, patience) => {
    bench.slide = (async () => {
      const end = performance.now() + patience
      const first = await until(() => bench.acted && shown(uuid)[0], patience)
      await frame()
      const placeholder = first && performance.now() - bench.acted
      const sharp = await until(() => shown(uuid).find((image) => SHARP.test(image.currentSrc)), end - performance.now())
      await sharp?.decode().catch(() => {})
      await frame()
      return { placeholder, sharp: sharp && performance.now() - bench.acted }
    })()
    bench.acted = 0
  }

  // Milliseconds between animation frames, from countFrames to endFrames.
  bench.countFrames = () => {
    let last = 0
    bench.frames = []
    bench.counting = true
    const next = (now) => {
      if (last) bench.frames.push(now - last)
      last = now
      if (bench.counting) requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  }
  bench.endFrames = () => {
    bench.counting = false
    return bench.frames
  }
})()
