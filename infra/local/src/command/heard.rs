//! What is heard of a stack that runs: one line of JSON for each message that it carried out.

use super::running::not_running;
use crate::problem::Problem;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use roadstead_domain::message::Message;
use std::time::Duration;
use tokio::net::TcpStream;

/// The longest line, in bytes: far more than any message has.
pub const LINE_LIMIT: usize = 64 * 1024;

/// How long a stack that ends may still be heard of, once its table does not answer any more.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Messages as they come in.
pub struct Heard {
    body: Incoming,
    lines: Lines,
}

impl Heard {
    /// Listens at the desk of a stack; what is carried out after this returned is heard.
    pub(super) async fn at(desk: &str) -> Result<Self, Problem> {
        let authority = desk.trim_start_matches("http://");
        let answered = async {
            let stream = TcpStream::connect(authority).await.ok()?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
            tokio::spawn(connection);
            let request = Request::get("/handled").header("host", authority).body(Empty::<Bytes>::new());
            sender.send_request(request.ok()?).await.ok().filter(|answer| answer.status().is_success())
        };
        let answer = answered.await.ok_or_else(|| not_running(desk))?;
        Ok(Self { body: answer.into_body(), lines: Lines::default() })
    }

    /// Whether the stack is ending just now, which explains a read that was cut off: the desk is the first to fall silent.
    pub async fn ends_now(&mut self) -> bool {
        let silence = async { while self.next().await.is_some() {} };
        tokio::time::timeout(LAST_WORDS, silence).await.is_ok()
    }

    /// The next message; none when the stack has ended. It may be given up and awaited again: nothing is lost.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(line) = self.lines.take()? {
                return serde_json::from_slice(&line).ok();
            }
            let frame = self.body.frame().await?.ok()?;
            self.lines.0.extend_from_slice(frame.data_ref().map_or(&[], |bytes| bytes));
        }
    }
}

/// Bytes that come in pieces, and are read by lines.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    /// The next whole line, if it is there; nothing at all once a line is too long.
    fn take(&mut self) -> Option<Option<Vec<u8>>> {
        let Some(end) = self.0.iter().position(|byte| *byte == b'\n') else {
            return (self.0.len() <= LINE_LIMIT).then_some(None);
        };
        let line: Vec<u8> = self.0.drain(..=end).collect();
        (end <= LINE_LIMIT).then_some(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_together_from_pieces() {
        let mut lines = Lines::default();
        lines.0.extend(b"one\ntw");
        assert_eq!(lines.take(), Some(Some(b"one\n".to_vec())));
        assert_eq!(lines.take(), Some(None));
        lines.0.extend(b"o\n");
        assert_eq!(lines.take(), Some(Some(b"two\n".to_vec())));
    }

    #[test]
    fn a_line_without_end_is_not_awaited() {
        let longest = vec![b'a'; LINE_LIMIT];
        assert_eq!(Lines(longest.clone()).take(), Some(None));
        assert_eq!(Lines([&longest[..], b"\n"].concat()).take().flatten().unwrap().len(), LINE_LIMIT + 1);
        assert_eq!(Lines([&longest[..], b"a"].concat()).take(), None);
        assert_eq!(Lines([&longest[..], b"a\n"].concat()).take(), None);
    }
}
