//! HTTP/2 with prior knowledge, and what it has in common with that under TLS.

use super::HI;
use super::world::{World, settings};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use http_server::{Drained, Limits, Settings};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

#[test]
fn a_client_that_begins_with_http_2_is_served_without_tls() {
    let world = World::start(settings());
    serves_requests_beside_each_other_and_ends_with_the_server(world, async |socket| socket);
}

#[test]
fn a_beginning_of_another_kind_is_http_1() {
    let world = World::start(settings());
    let mut client = world.connect();
    client.write("PRI / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.read().status, 404);
    let mut cut = world.connect();
    cut.write("PR");
    cut.say_no_more();
    assert!(cut.is_closed());
}

#[test]
fn who_says_nothing_is_left() {
    let limits = Limits { head_timeout: Duration::from_millis(200), ..settings().limits };
    let world = World::start(Settings { limits, ..settings() });
    assert!(world.connect().is_closed());
}

/// Over a connection that `wrap` makes of a socket.
pub(super) fn serves_requests_beside_each_other_and_ends_with_the_server<S>(
    mut world: World,
    wrap: impl AsyncFnOnce(TcpStream) -> S,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let stream = wrap(TcpStream::connect(world.address).await.unwrap()).await;
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (sender, connection) = handshake.await.unwrap();
        let connection = tokio::spawn(connection);
        let slow = ask(sender.clone(), r#"{"Text":"late","Millis":60000}"#);
        tokio::select! {
            biased;
            _ = slow => panic!("it was answered first"),
            body = ask(sender.clone(), HI) => assert_eq!(body, HI),
        }
        assert_eq!(ask(sender, HI).await, HI);
        world.stop();
        connection.await.unwrap().unwrap(); // closed by GOAWAY, not cut off
    });
    assert_eq!(world.stopped(), Drained::Fully);
}

async fn ask(mut sender: SendRequest<Full<Bytes>>, body: &'static str) -> Bytes {
    let request = http::Request::post("http://localhost/").header("x-amz-target", "Tests.Repeat");
    let request = request.header("content-type", "application/x-amz-json-1.0");
    let body = Full::new(Bytes::from_static(body.as_bytes()));
    let response = sender.send_request(request.body(body).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes()
}
