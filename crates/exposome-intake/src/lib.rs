//! Documents in, claims out: one file per format.
//!
//! A reader takes bytes and gives what it understood together with its
//! complaints; a broken record never loses the document.
