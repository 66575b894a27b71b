//! The doors of the function http-api, by method and path.

use super::{ImagesDoor, answer, images, outcomes::OUTCOMES};
use http::{Method, Response, request::Parts};

/// All doors of the function.
pub struct HttpApi {
    /// For CI systems.
    pub images: ImagesDoor,
}

/// Answers one request. What is sent is sent with `POST`, and only an outcome is asked for with `GET`.
pub async fn http_api(door: &HttpApi, request: &Parts, body: &[u8]) -> Response<String> {
    let asks = request.uri.path().starts_with(OUTCOMES);
    match request.method {
        Method::GET if asks => images::outcome(&door.images, request).await,
        Method::POST if !asks => images::images(&door.images, request, body).await,
        _ if asks => answer::of_method("GET"),
        _ => answer::of_method("POST"),
    }
}
