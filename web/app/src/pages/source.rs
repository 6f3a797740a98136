//! Where screens meet the data.
STUB
