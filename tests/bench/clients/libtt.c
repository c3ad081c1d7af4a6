/* A client of the C library for the measurements: it obeys commands on standard input, one a line, and
 * answers each with one line on standard output. `actor.py` has the list of commands.
 *
 * The few declarations it needs stand here, so that a shared libtt is enough to build it.
 */

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef void *Message;
typedef void *Pattern;

extern char *tt_open(void);
extern int tt_close(void);
extern int tt_fd(void);
extern char *tt_default_session(void);
extern int tt_session_join(const char *session);
extern int tt_pointer_error(void *pointer);
extern char *tt_status_message(int status);
extern Pattern tt_pattern_create(void);
extern int tt_pattern_category_set(Pattern pattern, int category);
extern int tt_pattern_scope_add(Pattern pattern, int scope);
extern int tt_pattern_session_add(Pattern pattern, const char *session);
extern int tt_pattern_op_add(Pattern pattern, const char *op);
extern int tt_pattern_register(Pattern pattern);
extern Message tt_pnotice_create(int scope, const char *op);
extern Message tt_prequest_create(int scope, const char *op);
extern int tt_message_arg_add(Message message, int mode, const char *vtype, const char *value);
extern int tt_message_arg_val_set(Message message, int place, const char *value);
extern int tt_message_barg_add(Message message, int mode, const char *vtype, const unsigned char *value, int size);
extern int tt_message_arg_bval(Message message, int place, unsigned char **value, int *size);
extern int tt_message_send(Message message);
extern Message tt_message_receive(void);
extern int tt_message_state(Message message);
extern int tt_message_reply(Message message);
extern int tt_message_destroy(Message message);

enum { OBSERVE = 1, HANDLE = 2 };          /* Tt_category */
enum { SESSION = 1 };                      /* Tt_scope */
enum { IN = 1, OUT = 2 };                  /* Tt_mode */
enum { HANDLED = 2, FAILED = 3 };          /* Tt_state */
enum { PATIENCE = 120 * 1000, LINE = 256 };

static int handling;
static long patterns;

static void give_up(const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	printf("error ");
	vprintf(format, rest);
	va_end(rest);
	printf("\n");
	fflush(stdout);
	exit(1);
}

static void check(int status, const char *call)
{
	if (status != 0)
		give_up("%s: status %d, %s", call, status, tt_status_message(status));
}

static void *checked(void *pointer, const char *call)
{
	check(tt_pointer_error(pointer), call);
	return pointer;
}

#define CHECK(call) check((call), #call)
#define CHECKED(call) checked((call), #call)

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void answer(const char *format, ...)
{
	va_list rest;
	va_start(rest, format);
	vprintf(format, rest);
	va_end(rest);
	printf("\n");
	fflush(stdout);
}

/* The next message, as a program's main loop gets it: wait for the descriptor, then receive once. */
static Message receive(void)
{
	for (;;) {
		struct pollfd wait = { tt_fd(), POLLIN, 0 };
		if (poll(&wait, 1, PATIENCE) <= 0)
			give_up("no message came");
		Message message = CHECKED(tt_message_receive());
		if (message)
			return message;
	}
}

static void open_procid(void)
{
	CHECKED(tt_open());
	CHECK(tt_session_join(tt_default_session()));
}

static void add_pattern(int category, const char *op)
{
	Pattern pattern = CHECKED(tt_pattern_create());
	CHECK(tt_pattern_category_set(pattern, category));
	CHECK(tt_pattern_scope_add(pattern, SESSION));
	CHECK(tt_pattern_session_add(pattern, tt_default_session()));
	CHECK(tt_pattern_op_add(pattern, op));
	CHECK(tt_pattern_register(pattern));
}

static void add_patterns(long count)
{
	long long start = now();
	for (long end = patterns + count; patterns < end; patterns++) {
		char op[LINE];
		snprintf(op, sizeof op, "Bench_Other_%ld", patterns);
		add_pattern(OBSERVE, op);
	}
	answer("%lld %lld", start, now());
}

static void take(long count)
{
	answer("taking");
	while (count-- > 0) {
		Message message = receive();
		unsigned char *value;
		int size;
		CHECK(tt_message_arg_bval(message, 0, &value, &size));
		CHECK(tt_message_destroy(message));
	}
	answer("%lld", now());
}

static void send_notices(const char *op, long count, long size)
{
	unsigned char *value = malloc(size);
	memset(value, 'x', size);
	long long start = now();
	while (count-- > 0) {
		Message message = CHECKED(tt_pnotice_create(SESSION, op));
		CHECK(tt_message_barg_add(message, IN, "bytes", value, size));
		CHECK(tt_message_send(message));
		CHECK(tt_message_destroy(message));
	}
	answer("%lld %lld", start, now());
	free(value);
}

static void ask(const char *op, long count)
{
	long long start = now();
	while (count-- > 0) {
		Message request = CHECKED(tt_prequest_create(SESSION, op));
		CHECK(tt_message_arg_add(request, IN, "string", "question"));
		CHECK(tt_message_arg_add(request, OUT, "string", NULL));
		CHECK(tt_message_send(request));
		while (receive() != request || tt_message_state(request) != HANDLED)
			if (tt_message_state(request) == FAILED)
				give_up("the request failed");
		CHECK(tt_message_destroy(request));
	}
	answer("%lld %lld", start, now());
}

static void handle_one(void)
{
	Message request = CHECKED(tt_message_receive());
	if (!request)
		return;
	CHECK(tt_message_arg_val_set(request, 1, "answer"));
	CHECK(tt_message_reply(request));
	CHECK(tt_message_destroy(request));
}

static void come_and_go(long count)
{
	long long start = now();
	while (count-- > 0) {
		open_procid();
		CHECK(tt_close());
	}
	answer("%lld %lld", start, now());
}

static void obey(const char *line)
{
	char verb[LINE] = "", op[LINE] = "";
	long count = 0, size = 0;
	sscanf(line, "%255s %255s %ld %ld", verb, op, &count, &size);
	if (!strcmp(verb, "open")) {
		open_procid();
		answer("ok");
	} else if (!strcmp(verb, "observe")) {
		add_pattern(OBSERVE, op);
		answer("ok");
	} else if (!strcmp(verb, "handle")) {
		add_pattern(HANDLE, op);
		handling = 1;
		answer("ok");
	} else if (!strcmp(verb, "register"))
		add_patterns(atol(op));
	else if (!strcmp(verb, "take"))
		take(atol(op));
	else if (!strcmp(verb, "visit"))
		come_and_go(atol(op));
	else if (!strcmp(verb, "send"))
		send_notices(op, count, size);
	else if (!strcmp(verb, "ask"))
		ask(op, count);
	else
		give_up("unknown command: %s", line);
}

int main(void)
{
	char line[LINE];
	for (;;) {
		struct pollfd wait[2] = { { 0, POLLIN, 0 }, { handling ? tt_fd() : -1, POLLIN, 0 } };
		poll(wait, 2, -1);
		if (wait[0].revents) {
			ssize_t length = read(0, line, sizeof line - 1);
			if (length <= 0)
				return 0;
			line[length] = 0;
			obey(line);
		}
		if (wait[1].revents)
			handle_one();
	}
}
