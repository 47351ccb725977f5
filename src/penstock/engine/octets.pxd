# The functions of octets.py as inline C. The table has bit 1 for token characters, bit 2 for those of a
# target and bit 4 for token characters without A-Z.

from libc.stdint cimport uint64_t

from libc.stdint cimport int64_t
from libc.string cimport memcmp, memcpy
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_New
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #define PENSTOCK_ONES UINT64_C(0x0101010101010101)
    #define PENSTOCK_TOPS UINT64_C(0x8080808080808080)

    static const unsigned char penstock_kinds[256] = {
        0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
        0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
        0,7,2,5,7,7,7,7,2,2,7,7,2,7,7,2,
        7,7,7,7,7,7,7,7,7,7,2,2,2,2,2,2,
        2,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,
        3,3,3,3,3,3,3,3,3,3,3,2,2,2,7,7,
        7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,
        7,7,7,7,7,7,7,7,7,7,7,2,7,2,7,0,
    };

    static inline Py_ssize_t penstock_find(const char *text, int byte, Py_ssize_t start, Py_ssize_t end) {
        const char *found = start < end ? (const char *)memchr(text + start, byte, (size_t)(end - start)) : NULL;
        return found == NULL ? -1 : (Py_ssize_t)(found - text);
    }

    static inline Py_ssize_t penstock_run(const char *text, unsigned char kind, Py_ssize_t start, Py_ssize_t end) {
        while (start < end && (penstock_kinds[(unsigned char)text[start]] & kind)) start++;
        return start;
    }

    /* Eight octets at a time: a borrow can only report too much, and what is reported is looked at again one by one. */
    static inline Py_ssize_t penstock_control(const char *text, Py_ssize_t start, Py_ssize_t end) {
        while (start < end) {
            if (start + 8 <= end) {
                uint64_t word, deleted;
                memcpy(&word, text + start, 8);
                deleted = word ^ (PENSTOCK_ONES * 0x7f);
                if (!((((word - PENSTOCK_ONES * 0x20) & ~word) | ((deleted - PENSTOCK_ONES) & ~deleted)) & PENSTOCK_TOPS)) {
                    start += 8;
                    continue;
                }
            }
            Py_ssize_t stop = start + 8 < end ? start + 8 : end;
            for (; start < stop; start++) {
                unsigned char octet = (unsigned char)text[start];
                if ((octet < 0x20 && octet != 0x09) || octet == 0x7f) return start;
            }
        }
        return -1;
    }

    static inline void penstock_lower(char *into, const char *text, Py_ssize_t size) {
        for (Py_ssize_t i = 0; i < size; i++) {
            unsigned char octet = (unsigned char)text[i];
            into[i] = (char)(octet | (unsigned char)(((unsigned)(octet - 'A') < 26u) << 5));
        }
    }

    static inline int64_t penstock_number(const char *digits, Py_ssize_t size) {
        int64_t number = 0;
        if (size < 1 || size > 18) return -1;
        for (Py_ssize_t i = 0; i < size; i++) {
            unsigned digit = (unsigned)(unsigned char)digits[i] - '0';
            if (digit > 9) return -1;
            number = number * 10 + digit;
        }
        return number;
    }

    static inline uint64_t penstock_integer(const char *text, Py_ssize_t size) {
        uint64_t number = 0;
        for (Py_ssize_t i = 0; i < size; i++) number = number << 8 | (unsigned char)text[i];
        return number;
    }

    static inline void penstock_prefix(char *into, uint64_t number, Py_ssize_t size, const char *text, Py_ssize_t length) {
        for (Py_ssize_t i = size; i-- > 0; number >>= 8) into[i] = (char)(number & 0xff);
        memcpy(into + size, text, (size_t)length);
    }

    static inline void penstock_frame(char *into, unsigned kind, unsigned flags, unsigned stream_id, const char *text,
                                      Py_ssize_t size) {
        into[0] = (char)(size >> 16);
        into[1] = (char)(size >> 8);
        into[2] = (char)size;
        into[3] = (char)kind;
        into[4] = (char)flags;
        into[5] = (char)(stream_id >> 24);
        into[6] = (char)(stream_id >> 16);
        into[7] = (char)(stream_id >> 8);
        into[8] = (char)stream_id;
        memcpy(into + 9, text, (size_t)size);
    }

    static inline Py_ssize_t penstock_digits(char *into, Py_ssize_t size, unsigned long long number, unsigned base) {
        do {
            into[--size] = "0123456789abcdef"[number % base];
            number /= base;
        } while (number != 0);
        return size;
    }

    static inline void penstock_unmask(char *into, const char *text, Py_ssize_t size, unsigned int key) {
        char octets[8];
        Py_ssize_t i = 0;
        uint64_t word, mask;
        for (; i < 8; i++) octets[i] = (char)(key >> (24 - 8 * (i & 3)));
        memcpy(&mask, octets, 8);
        for (i = 0; i + 8 <= size; i += 8) {
            memcpy(&word, text + i, 8);
            word ^= mask;
            memcpy(into + i, &word, 8);
        }
        for (; i < size; i++) into[i] = (char)(text[i] ^ octets[i & 7]);
    }

    /* Blocks, so that a text in another script is given up early; four words at a time, because one after another each
       waits for the last: 64 KiB take 1.2 µs, and 4 µs as two steps through PyUnicode_DecodeUTF8. */
    static inline int penstock_unmask_ascii(char *into, const char *text, Py_ssize_t size, unsigned int key) {
        Py_ssize_t i = 0;
        uint64_t mask = 0;
        for (int k = 0; k < 8; k++) ((char *)&mask)[k] = (char)(key >> (24 - 8 * (k & 3)));
        while (size - i >= 32) {
            Py_ssize_t stop = i + (size - i < 1024 ? size - i : 1024) / 32 * 32;
            uint64_t a, b, c, d, seen_a = 0, seen_b = 0, seen_c = 0, seen_d = 0;
            for (; i < stop; i += 32) {
                memcpy(&a, text + i, 8);
                memcpy(&b, text + i + 8, 8);
                memcpy(&c, text + i + 16, 8);
                memcpy(&d, text + i + 24, 8);
                seen_a |= a ^= mask;
                seen_b |= b ^= mask;
                seen_c |= c ^= mask;
                seen_d |= d ^= mask;
                memcpy(into + i, &a, 8);
                memcpy(into + i + 8, &b, 8);
                memcpy(into + i + 16, &c, 8);
                memcpy(into + i + 24, &d, 8);
            }
            if ((seen_a | seen_b | seen_c | seen_d) & PENSTOCK_TOPS) return 0;
        }
        penstock_unmask(into + i, text + i, size - i, key);
        for (; i < size; i++) if ((unsigned char)into[i] > 0x7f) return 0;
        return 1;
    }
    """
    Py_ssize_t penstock_find(const char *, int, Py_ssize_t, Py_ssize_t) noexcept nogil
    Py_ssize_t penstock_run(const char *, unsigned char, Py_ssize_t, Py_ssize_t) noexcept nogil
    Py_ssize_t penstock_control(const char *, Py_ssize_t, Py_ssize_t) noexcept nogil
    int64_t penstock_number(const char *, Py_ssize_t) noexcept nogil
    void penstock_lower(char *, const char *, Py_ssize_t) noexcept nogil
    uint64_t penstock_integer(const char *, Py_ssize_t) noexcept nogil
    void penstock_prefix(char *, uint64_t, Py_ssize_t, const char *, Py_ssize_t) noexcept nogil
    void penstock_frame(char *, unsigned, unsigned, unsigned, const char *, Py_ssize_t) noexcept nogil
    Py_ssize_t penstock_digits(char *, Py_ssize_t, unsigned long long, unsigned) noexcept nogil
    int penstock_unmask_ascii(char *, const char *, Py_ssize_t, unsigned int) noexcept nogil
    void penstock_unmask(char *, const char *, Py_ssize_t, unsigned int) noexcept nogil


cdef inline Py_ssize_t find_byte(bytes data, int byte, Py_ssize_t start, Py_ssize_t end):
    return penstock_find(PyBytes_AS_STRING(data), byte, start, end)


cdef inline Py_ssize_t find_control(bytes data, Py_ssize_t start, Py_ssize_t end):
    return penstock_control(PyBytes_AS_STRING(data), start, end)


cdef inline Py_ssize_t token_end(bytes data, Py_ssize_t start, Py_ssize_t end):
    return penstock_run(PyBytes_AS_STRING(data), 1, start, end)


cdef inline Py_ssize_t target_end(bytes data, Py_ssize_t start, Py_ssize_t end):
    return penstock_run(PyBytes_AS_STRING(data), 2, start, end)


cdef inline bint is_token(bytes data, Py_ssize_t start, Py_ssize_t end):
    return start < end and penstock_run(PyBytes_AS_STRING(data), 1, start, end) == end


cdef inline bint is_lower_token(bytes data, Py_ssize_t start, Py_ssize_t end):
    return start < end and penstock_run(PyBytes_AS_STRING(data), 4, start, end) == end


cdef inline bint is_same(bytes data, Py_ssize_t start, Py_ssize_t end, bytes text):
    return end - start == len(text) and memcmp(PyBytes_AS_STRING(data) + start, PyBytes_AS_STRING(text), len(text)) == 0


cdef inline bint is_repeated(bytes data, Py_ssize_t start, bytes other, Py_ssize_t begin, Py_ssize_t size):
    return memcmp(PyBytes_AS_STRING(data) + start, PyBytes_AS_STRING(other) + begin, size) == 0


cdef inline int64_t number(bytes digits):
    return penstock_number(PyBytes_AS_STRING(digits), len(digits))


cdef inline bytes cut(bytes data, Py_ssize_t start, Py_ssize_t end):
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data) + start, end - start)


cdef inline bytes lower(bytes data, Py_ssize_t start, Py_ssize_t end):
    cdef bytes into = PyBytes_FromStringAndSize(NULL, end - start)
    penstock_lower(PyBytes_AS_STRING(into), PyBytes_AS_STRING(data) + start, end - start)
    return into


cdef inline uint64_t integer(bytes data, Py_ssize_t start, Py_ssize_t end):
    return penstock_integer(PyBytes_AS_STRING(data) + start, end - start)


cdef inline bytes prefixed(bytes data, uint64_t number, Py_ssize_t size):
    cdef Py_ssize_t length = PyBytes_GET_SIZE(data)
    cdef bytes into = PyBytes_FromStringAndSize(NULL, size + length)
    penstock_prefix(PyBytes_AS_STRING(into), number, size, PyBytes_AS_STRING(data), length)
    return into


cdef inline bytes frame(int kind, int flags, unsigned int stream_id, bytes data, Py_ssize_t start, Py_ssize_t end):
    cdef bytes into = PyBytes_FromStringAndSize(NULL, end - start + 9)
    penstock_frame(PyBytes_AS_STRING(into), kind, flags, stream_id, PyBytes_AS_STRING(data) + start, end - start)
    return into


cdef inline bytes decimal(int64_t number):
    cdef char digits[20]
    cdef Py_ssize_t first = penstock_digits(digits, 20, <unsigned long long>number, 10)
    return PyBytes_FromStringAndSize(digits + first, 20 - first)


cdef inline bytes hexadecimal(int64_t number):
    cdef char digits[20]
    cdef Py_ssize_t first = penstock_digits(digits, 20, <unsigned long long>number, 16)
    return PyBytes_FromStringAndSize(digits + first, 20 - first)


cdef inline bytes field_line(bytes name, bytes value):
    cdef Py_ssize_t size = len(name), rest = len(value)
    cdef bytes line = PyBytes_FromStringAndSize(NULL, size + rest + 4)
    cdef char *into = PyBytes_AS_STRING(line)
    penstock_lower(into, PyBytes_AS_STRING(name), size)
    memcpy(into + size, b": ", 2)
    memcpy(into + size + 2, PyBytes_AS_STRING(value), rest)
    memcpy(into + size + 2 + rest, b"\r\n", 2)
    return line


cdef inline bytes join(list pieces):
    cdef Py_ssize_t size = 0
    cdef bytes piece, joined
    cdef char *into
    for piece in pieces:
        size += len(piece)
    joined = PyBytes_FromStringAndSize(NULL, size)
    into = PyBytes_AS_STRING(joined)
    for piece in pieces:
        memcpy(into, PyBytes_AS_STRING(piece), len(piece))
        into += len(piece)
    return joined


cdef inline bytes unmask(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int key):
    cdef bytes into = PyBytes_FromStringAndSize(NULL, end - start)
    penstock_unmask(PyBytes_AS_STRING(into), PyBytes_AS_STRING(data) + start, end - start, key)
    return into


cdef inline str unmask_ascii(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int key):
    cdef object into
    if start == end:
        return ""
    into = PyUnicode_New(end - start, 127)
    if penstock_unmask_ascii(<char *>PyUnicode_DATA(into), PyBytes_AS_STRING(data) + start, end - start, key):
        return into
    return None
