//! Several arguments: order, headers, attributes.
