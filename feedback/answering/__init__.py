"""From a link to an answer: tokens, the form, one click, guards against robots, changing one's mind."""
