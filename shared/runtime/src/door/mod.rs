//! Doors take notes: each verified request becomes one row and one message, and is answered.
//!
//! A door decides nothing: who is concerned is asked afterwards. Whoever sent something may ask what came of it.

pub mod answer;
pub mod configurations;
pub mod eventbridge;
pub mod github;
pub mod http_api;
pub mod images;
pub mod note;
pub mod outcomes;
pub mod slack;

pub use configurations::ConfigurationsDoor;
pub use eventbridge::{NotTaken, RegistryDoor};
pub use github::GithubDoor;
pub use http_api::HttpApi;
pub use images::ImagesDoor;
pub use note::{Note, Notebook};
pub use slack::SlackDoor;
