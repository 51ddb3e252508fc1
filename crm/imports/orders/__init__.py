"""Files of orders: rows that share an order number are its lines, negative amounts and cancellations are refunds."""
