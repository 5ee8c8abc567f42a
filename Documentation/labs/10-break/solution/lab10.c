// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 10: /dev/lab10, which takes a script of texts in one write, and reads as what it comes to.
 *
 * A script is the four bytes "LAB\n", then records of a byte that is their type, a byte that is
 * the length of what follows, and that.  Of types there are 'T', a text to append; 'D', which
 * drops the last text and has length 0; and 'E', the end, of length 0.
 */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define LAB10_MAGIC	"LAB\n"
#define LAB10_MAX	512	/* bytes of a script */

struct lab10_text {
	struct list_head node;
	size_t len;
	char bytes[];
};

/* For the list and the number below */
static DEFINE_MUTEX(lab10_lock);
static LIST_HEAD(lab10_texts);
/* How many there are; those of the list, or some have been lost. */
static unsigned int lab10_count;
module_param_named(texts, lab10_count, uint, 0444);

static struct lab10_text *lab10_text_create(const char *bytes, size_t len)
{
	struct lab10_text *text = kmalloc(struct_size(text, bytes, len), GFP_KERNEL);

	if (!text)
		return NULL;
	memcpy(text->bytes, bytes, len);
	text->len = len;
	lab10_count++;
	return text;
}

static void lab10_text_free(struct lab10_text *text)
{
	list_del(&text->node);
	kfree(text);
	lab10_count--;
}

static void lab10_texts_free(struct list_head *texts)
{
	struct lab10_text *text, *next;

	list_for_each_entry_safe(text, next, texts, node)
		lab10_text_free(text);
}

/*
 * Append to @texts what the @len bytes of a script say.  Return: 0 or negative errno; then the
 * caller has to free what is in @texts already.
 */
static int lab10_parse(struct list_head *texts, const char *script, size_t len)
{
	size_t pos = strlen(LAB10_MAGIC), text_len;
	struct lab10_text *text;
	char type;

	if (len < pos || memcmp(script, LAB10_MAGIC, pos))
		return -EINVAL;
	while (pos < len) {
		if (len - pos < 2)
			return -EINVAL;
		type = script[pos];
		text_len = (unsigned char)script[pos + 1];
		pos += 2;
		if (text_len > len - pos)
			return -EINVAL;
		switch (type) {
		case 'T':
			text = lab10_text_create(script + pos, text_len);
			if (!text)
				return -ENOMEM;
			list_add_tail(&text->node, texts);
			pos += text_len;
			break;
		case 'D':
			if (text_len || list_empty(texts))
				return -EINVAL;
			lab10_text_free(list_last_entry(texts, struct lab10_text, node));
			break;
		case 'E':
			return text_len ? -EINVAL : 0;
		default:
			return -EINVAL;
		}
	}
	return 0;
}

static ssize_t lab10_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	LIST_HEAD(texts);
	char *script;
	int err;

	if (!count || count > LAB10_MAX)
		return -EINVAL;
	script = memdup_user(buf, count);
	if (IS_ERR(script))
		return PTR_ERR(script);
	mutex_lock(&lab10_lock);
	err = lab10_parse(&texts, script, count);
	if (err) {
		lab10_texts_free(&texts);
	} else {
		lab10_texts_free(&lab10_texts);
		list_splice(&texts, &lab10_texts);
	}
	mutex_unlock(&lab10_lock);
	kfree(script);
	return err ?: count;
}

/* All of it at once, or what there is room for. */
static ssize_t lab10_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct lab10_text *text;
	size_t done = 0, len;

	if (*pos)
		return 0;
	mutex_lock(&lab10_lock);
	list_for_each_entry(text, &lab10_texts, node) {
		len = min(text->len, count - done);
		if (copy_to_user(buf + done, text->bytes, len)) {
			mutex_unlock(&lab10_lock);
			return -EFAULT;
		}
		done += len;
	}
	mutex_unlock(&lab10_lock);
	*pos += done;
	return done;
}

static const struct file_operations lab10_fops = {
	.owner = THIS_MODULE,
	.read = lab10_read,
	.write = lab10_write,
	.llseek = noop_llseek,
};

static struct miscdevice lab10_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab10",
	.fops = &lab10_fops,
	.mode = 0666,
};

static int __init lab10_init(void)
{
	return misc_register(&lab10_device);
}

static void __exit lab10_exit(void)
{
	misc_deregister(&lab10_device);
	lab10_texts_free(&lab10_texts);
}

module_init(lab10_init);
module_exit(lab10_exit);
MODULE_DESCRIPTION("Lab 10");
MODULE_LICENSE("GPL");
