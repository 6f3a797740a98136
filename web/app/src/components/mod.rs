//! The parts that screens are made of. None knows where its data comes from.

mod badge;
mod button;
mod card;
mod chart;
mod choice;
mod confirm;
mod conflict;
mod field;
mod frame;
mod icon;
mod paged;
mod question;
mod sheet;
mod states;
mod toast;

pub(crate) use badge::{RecordBadge, StatusBadge};
pub(crate) use button::{Button, Look};
pub(crate) use card::{avatar, pair, tile, total_pair};
pub(crate) use chart::{Bar, WeekChart};
pub(crate) use choice::{Chips, Choice, Segments, Select};
pub(crate) use confirm::ConfirmSheet;
pub(crate) use conflict::{ConflictNotice, Loss, LossLine};
pub(crate) use field::{Field, Kind, TextArea};
pub(crate) use frame::{BarStatus, Page, ReadFault, TabBar};
pub(crate) use icon::icon;
pub(crate) use paged::PagedList;
pub(crate) use question::QuestionHost;
pub(crate) use sheet::Sheet;
pub(crate) use states::{EmptyState, ErrorState, Progress, skeleton_rows};
pub(crate) use toast::{ToastHost, Toaster, use_toaster};
