//! Credentials for clusters on AWS.

pub mod eks;

pub use eks::EksCredentials;
