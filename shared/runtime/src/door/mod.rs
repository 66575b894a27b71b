//! Doors take notes: each verified request becomes one row and one message, and is answered.
//!
//! A door has no other right, and decides nothing: who is concerned is asked afterwards.

pub mod answer;
pub mod eventbridge;
pub mod github;
pub mod images;
pub mod note;

pub use eventbridge::{NotTaken, RegistryDoor};
pub use github::GithubDoor;
pub use images::ImagesDoor;
pub use note::{Note, Notebook};
