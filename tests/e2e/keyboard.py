"""A person who works by keys alone, and can always see where they are."""

from playwright.sync_api import expect

FAR = 150  # so many times Tab is pressed before somebody gives up

SEEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "the focus is nowhere";
  if (!one.checkVisibility({ visibilityProperty: true })) return `unseen: ${one.outerHTML.slice(0, 120)}`;
  const box = one.getBoundingClientRect();
  const within = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return within ? "" : `out of sight: ${one.outerHTML.slice(0, 120)}`;
}"""


class Keyboard:
    """The page has no pointer here: nothing but keys is sent to it."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words):
        self.page.keyboard.type(words)

    def focus_is_seen(self):
        expect(self.page.locator(":focus")).to_be_in_viewport()

    def goes_to(self, place):
        """By Tab from where one is, seeing every step."""
        place = place.first
        expect(place).to_be_attached()
        for _ in range(FAR):
            if place.evaluate("one => one === document.activeElement"):
                return
            self.press("Tab")
            at = self.page.evaluate(SEEN)
            assert at in ("", "the focus is nowhere"), at  # past the last one the browser's own bar has it
        raise AssertionError(f"no key leads to {place}")

    def chooses(self, place):
        self.goes_to(place)
        self.press("Enter")

    def holds(self, place):
        """After a swap the focus is there, and in sight."""
        expect(place).to_be_focused()
        self.focus_is_seen()

    def jumps(self, letter, heading):
        self.page.wait_for_load_state()  # the scripts hear keys only now
        self.press("g", letter)
        expect(self.page.locator("h1")).to_contain_text(heading)
        self.page.wait_for_load_state()

    def commands(self, words, choice):
        self.press("Control+k")
        self.holds(self.page.locator("#command input"))
        self.type(words)
        expect(self.page.locator("#command [role=option][aria-selected=true]")).to_contain_text(choice)
        self.press("Enter")
