//! When the stack is told to stop: Ctrl-C, SIGTERM, or the end of standard input.

use std::io::{self, Read};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Listens for being told.
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
    input: Option<watch::Receiver<bool>>,
}

impl Stop {
    /// Starts to listen; to standard input only if `with_input`.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub(crate) fn listen(with_input: bool) -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        let input = if with_input { Some(watch_input()?) } else { None };
        Ok(Self { interrupt, terminate, input })
    }

    /// Returns once it is told.
    pub(crate) async fn told(&mut self) {
        let Self { interrupt, terminate, input } = self;
        let ended = async {
            match input {
                Some(input) => input.wait_for(|ended| *ended).await.map(|_| ()).unwrap_or_default(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = ended => {}
        }
    }
}

/// On a thread of its own: a read of standard input cannot be called off.
fn watch_input() -> io::Result<watch::Receiver<bool>> {
    let (ended, input) = watch::channel(false);
    std::thread::Builder::new().name("input".into()).spawn(move || {
        let mut buffer = [0; 256];
        let mut stdin = io::stdin().lock();
        while matches!(stdin.read(&mut buffer), Ok(1..)) {}
        ended.send_replace(true);
    })?;
    Ok(input)
}
