//! The phone's app. Below the screens: [`shell`] drives the sync engine, [`session`] knows who is
//! at work, and [`data`] is what screens read and write with. Screens start at [`data`].

pub mod data;
pub mod session;
pub mod shell;
