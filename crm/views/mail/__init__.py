"""Pages about mail: the queue, one mail, its texts, and those that did not leave the machine."""
