"""What people know of the tool and its rules, and who looks after them."""
