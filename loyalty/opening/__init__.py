"""Files of opening balances: the points that customers had in an older system, once for each customer and source."""
