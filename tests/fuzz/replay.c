/* SPDX-License-Identifier: Apache-2.0 */
/** Stands in for libFuzzer's main: runs the target once on each file that is named. Options are ignored. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)64 << 20)

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(INPUT_MAX);
	uint8_t *exact = NULL;
	size_t n = 0;
	int result = 1;

	if (f == NULL || data == NULL)
		goto out;
	n = fread(data, 1, INPUT_MAX, f);
	if (ferror(f))
		goto out;
	/* An allocation of the exact size: the sanitizer then sees a read past its end. */
	exact = malloc(n > 0 ? n : 1);
	if (exact == NULL)
		goto out;
	for (size_t i = 0; i < n; i++)
		exact[i] = data[i];
	(void)LLVMFuzzerTestOneInput(exact, n);
	result = 0;
out:
	if (result != 0)
		perror(path);
	free(exact);
	free(data);
	if (f != NULL)
		(void)fclose(f);
	return result;
}

int
main(int argc, char **argv)
{
	int failed = 0, n_inputs = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		failed |= replay(argv[i]);
		n_inputs++;
	}
	printf("%d inputs replayed\n", n_inputs);
	return failed;
}
