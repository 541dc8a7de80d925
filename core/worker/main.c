/* sliders-worker: the process in which a run with isolation "process" runs its jobs. The library starts it; it is of no use to anybody else.
 *
 *   sliders-worker PARENT   with a socket as descriptor 0 and the run's image as descriptor 3 */
#include <stdlib.h>
#include <unistd.h>

#include "engine/isolate.h"

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  _exit(sld__isolate_serve(strtoll(argv[1], NULL, 10))); /* what a script has left behind is not run */
}
