//! The adapters against the models of what they talk to: what one asks, the other must understand.

mod github;
mod kubernetes;
