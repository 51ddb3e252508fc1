// The tab of the view one is in is brought into sight when there are more tabs than room.
document.querySelector(".views__tab[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
