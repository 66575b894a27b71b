//! Serving HTTP on this machine alone.

use super::ending::Ending;
use crate::problem::Problem;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use http::{Response, StatusCode};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// The largest body that a world takes, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A place to listen at, and its address.
pub struct Place {
    listener: TcpListener,
    /// Where: `http://127.0.0.1:PORT`.
    pub url: String,
    /// The port.
    pub port: u16,
}

impl Place {
    /// Listens at a port of this machine; at any free one when it is 0.
    ///
    /// # Errors
    /// When the port is taken, or may not be used.
    pub async fn at(port: u16) -> Result<Self, Problem> {
        let listening = async {
            let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
            let port = listener.local_addr()?.port();
            Ok::<_, std::io::Error>(Self { listener, url: format!("http://127.0.0.1:{port}"), port })
        };
        listening.await.map_err(|error| {
            Problem::new(
                format!("127.0.0.1:{port} cannot be listened at: {error}"),
                "free the port, and try again",
            )
        })
    }

    /// The listener itself, for a server that is not ours.
    pub fn into_listener(self) -> TcpListener {
        self.listener
    }

    /// Answers requests until the end.
    pub async fn serve(self, router: Router, ending: Ending) {
        let until = async move { ending.wait().await };
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(until).await {
            tracing::error!(url = self.url, %error, "a server ended");
        }
    }
}

/// A request with its whole body.
///
/// # Errors
/// The answer to a body that is too large or broke off.
pub async fn whole(request: Request, limit: usize) -> Result<http::Request<Vec<u8>>, Response<Body>> {
    let (parts, body) = request.into_parts();
    match to_bytes(body, limit).await {
        Ok(bytes) => Ok(http::Request::from_parts(parts, bytes.into())),
        Err(_) => Err(refusal(StatusCode::PAYLOAD_TOO_LARGE)),
    }
}

/// Puts HTTP in front of what answers whole requests.
pub fn front<F>(answer: F) -> Router
where
    F: Fn(&http::Request<Vec<u8>>) -> Response<Body> + Clone + Send + Sync + 'static,
{
    Router::new().fallback(move |request: Request| {
        let answer = answer.clone();
        async move {
            match whole(request, BODY_LIMIT).await {
                Ok(request) => answer(&request),
                Err(refusal) => refusal,
            }
        }
    })
}

/// An answer that is a status alone.
pub fn refusal(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ending::End;
    use std::io::{Read as _, Write as _};

    /// The status line that a request with a body of so many bytes is answered with.
    fn answered(port: u16, length: usize) -> String {
        let mut stream = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let head =
            format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&vec![b'x'; length])).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn a_world_takes_a_body_of_16_mebibytes_and_no_larger() {
        let (place, end) = (Place::at(0).await.unwrap(), End::new());
        let port = place.port;
        let router = front(|request| {
            assert!(request.body().len() <= BODY_LIMIT);
            refusal(StatusCode::NO_CONTENT)
        });
        let served = tokio::spawn(place.serve(router, end.ending()));
        for (length, status) in [(BODY_LIMIT, "204"), (BODY_LIMIT + 1, "413")] {
            let answered = tokio::task::spawn_blocking(move || answered(port, length)).await.unwrap();
            assert!(answered.contains(status), "{length}: {answered}");
        }
        end.come();
        served.await.unwrap();
    }
}
