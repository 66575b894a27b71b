use super::*;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use tokio::net::TcpSocket;

/// A server that gives every connection this answer to its first request, then closes it.
fn server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let length = stream.read(&mut [0; 4096]).unwrap();
            if length > 0 {
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    address
}

fn get(scheme: &str, address: SocketAddr) -> Request<Vec<u8>> {
    Request::get(format!("{scheme}://{address}/x"))
        .header("authorization", "canary")
        .body(Vec::new())
        .unwrap()
}

fn in_doubt(result: Result<Response<Vec<u8>>, CallError>) -> bool {
    match result {
        Err(CallError::Unavailable { reason, maybe_done }) => {
            assert!(!reason.contains("canary"));
            maybe_done
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_comes_back_whatever_it_is_and_is_not_followed() {
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nhi";
    let response = Https::new(true).unwrap().call(get("http", server(answer))).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_slice()), (302, b"hi".as_slice()));
}

#[tokio::test]
async fn without_leave_nothing_is_sent_in_the_clear() {
    let address = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert!(!in_doubt(Https::new(false).unwrap().call(get("http", address)).await));
    assert!(Https::new(true).unwrap().call(get("http", address)).await.is_ok());
}

#[tokio::test]
async fn a_server_without_tls_is_sent_nothing() {
    let address = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert!(!in_doubt(Https::new(false).unwrap().call(get("https", address)).await));
}

#[tokio::test]
async fn what_cannot_be_reached_was_not_sent() {
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody_listens = taken.local_addr().unwrap();
    assert!(!in_doubt(Https::new(true).unwrap().call(get("http", nobody_listens)).await));
}

#[tokio::test]
async fn an_answer_has_a_limit_and_a_whole_one_is_needed() {
    let address = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    let limited = |answer_limit| Https { answer_limit, ..Https::new(true).unwrap() };
    assert!(limited(5).call(get("http", address)).await.is_ok());
    assert!(in_doubt(limited(4).call(get("http", address)).await));
    let short = server("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello");
    assert!(in_doubt(Https::new(true).unwrap().call(get("http", short)).await));
}

/// A server that gives every connection so many bytes.
fn server_of(length: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&vec![b'x'; length]));
    });
    address
}

#[tokio::test]
async fn an_answer_of_32_mebibytes_is_read_and_no_larger() {
    let https = Https::new(true).unwrap();
    let read = https.call(get("http", server_of(ANSWER_LIMIT))).await.unwrap();
    assert_eq!(read.body().len(), ANSWER_LIMIT);
    assert!(in_doubt(https.call(get("http", server_of(ANSWER_LIMIT + 1))).await));
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let call_timeout = Duration::from_millis(50);
    let https = Https { call_timeout, ..Https::new(true).unwrap() };
    assert!(in_doubt(https.call(get("http", listener.local_addr().unwrap())).await));
}
