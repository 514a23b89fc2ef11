//! How the C library gives memory out, where it is glibc.

/// The size from which a piece of memory is the system's own, and given back when it is freed: glibc's first one.
#[cfg(target_env = "gnu")]
const FROM_THE_SYSTEM: libc::c_int = 128 * 1024;

/// Has large pieces of memory come from the system, and go back to it, for as long as the program runs. To be called before threads begin.
///
/// By itself glibc raises that size to the size of the largest piece that was ever freed, and takes all below it out of arenas, one for a thread.
/// Ours are made in one thread and freed in another, which leaves holes in all arenas: a day of 3,000,000 payments held 390 MB where it uses 200.
pub fn bound() {
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "the C library has no other way to be told so by a program itself")]
    // SAFETY: mallopt(3) takes two numbers and keeps nothing of ours; it answers 0 where it does not know the first, and leaves all as it was.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, FROM_THE_SYSTEM);
    }
}
