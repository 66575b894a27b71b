//! The doors of the function http-api, by method and path.

use super::{
    ConfigurationsDoor, ImagesDoor, answer, configurations, images,
    outcomes::{self, OUTCOMES},
};
use http::{HeaderMap, Method, Response, request::Parts};
use roadstead_domain::actor::Actor;
use roadstead_senders::{DoorError, configuration, images as pipelines};

/// Where configurations are pushed to.
pub const CONFIGURATIONS: &str = "/configurations";

/// All doors of the function.
pub struct HttpApi {
    /// For CI systems.
    pub images: ImagesDoor,
    /// For platform engineers.
    pub configurations: ConfigurationsDoor,
}

/// Answers one request. What is sent is sent with `POST`, and only an outcome is asked for with `GET`.
pub async fn http_api(door: &HttpApi, request: &Parts, body: &[u8]) -> Response<String> {
    let path = request.uri.path();
    let asks = path.starts_with(OUTCOMES);
    match request.method {
        Method::GET if asks => match sender(door, &request.headers) {
            Ok(actor) => outcomes::answer(&door.images.notebook, path, &actor).await,
            Err(error) => answer::of_bearer_error(&error),
        },
        Method::POST if path == CONFIGURATIONS => {
            configurations::configurations(&door.configurations, request, body).await
        }
        Method::POST if !asks => images::images(&door.images, request, body).await,
        _ if asks => answer::of_method("GET"),
        _ => answer::of_method("POST"),
    }
}

/// Who asks. Every key of every door is tried.
fn sender(door: &HttpApi, headers: &HeaderMap) -> Result<Actor, DoorError> {
    let engineer = configuration::sender(&door.configurations.keys, headers);
    let pipeline = pipelines::sender(&door.images.keys, headers);
    match engineer {
        Ok(key) => Ok(Actor::PlatformEngineer { key: key.name.clone() }),
        Err(_) => pipeline.map(|key| Actor::Pipeline { key: key.name.clone() }),
    }
}
