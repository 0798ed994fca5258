/* Linux calls that the Glibc overlay hides behind _GNU_SOURCE. */
int sync_file_range(int descriptor, long offset, long byte_count, unsigned int flags);
int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
              unsigned int flags);

/* sync_file_range: start writing dirty pages, do not wait. */
static const unsigned int ADAPTERCTL_START_WRITEBACK = 2;
/* renameat2: fail where the new name exists; exchange the two names. */
static const unsigned int ADAPTERCTL_RENAME_NOREPLACE = 1;
static const unsigned int ADAPTERCTL_RENAME_EXCHANGE = 2;

int sched_getaffinity(int process, unsigned long byte_count, void *mask);

/* The processors this process may run on; 1 where the system does not say. */
static inline int adapterctl_processor_count(void) {
  unsigned char mask[1024] = {0};
  int count = 0;
  if (sched_getaffinity(0, sizeof mask, mask) < 0) return 1;
  for (unsigned long i = 0; i < sizeof mask; i++) count += __builtin_popcount(mask[i]);
  return count > 0 ? count : 1;
}

int fcntl(int descriptor, int command, ...);

/* Takes an open-file-description lock on a whole file, without waiting; 0 where that succeeded. */
static inline int adapterctl_lock(int descriptor, int is_exclusive) {
  struct {
    short type, whence;
    long start, byte_count;
    int process;
  } lock = {(short)(is_exclusive ? 1 : 0), 0, 0, 0, 0};
  return fcntl(descriptor, 37, &lock);
}

int mallopt(int parameter, int value);

/* Keeps memory that is freed, up to 1 GiB, for what is allocated next, and takes blocks of up to 32 MiB
   from it: work goes on in pieces of equal sizes, and to give each one back means to have it cleared,
   page by page, for the next. */
static inline void adapterctl_keep_freed_memory(void) {
  mallopt(-3 /* M_MMAP_THRESHOLD */, 32 << 20);
  mallopt(-1 /* M_TRIM_THRESHOLD */, 1 << 30);
}
